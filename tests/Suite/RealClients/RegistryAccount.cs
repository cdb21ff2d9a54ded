namespace Acceptance.Tests.Suite.RealClients;

/// <summary>Who a client says that it is.</summary>
internal sealed record RegistryAccount(string User, string Password);
