using Acceptance.Recette.Commands;

return await RecetteCommand.RunAsync(args, CommandSurroundings.OfThisProcess());
