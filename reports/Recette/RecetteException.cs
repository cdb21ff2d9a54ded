namespace Acceptance.Recette;

/// <summary>The command cannot do what it was asked; the message says why and what to do, in one line.</summary>
public sealed class RecetteException(string message, Exception? inner = null) : Exception(message, inner);
