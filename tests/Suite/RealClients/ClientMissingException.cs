using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>A client that configuration declares is not there: a failure, never a skip.</summary>
internal sealed class ClientMissingException(RequiredClient client, string proof, string problem) : Exception($"""
    Client '{client.Name}' is declared by {Settings.SuiteClients.Name} and is not here.
      Expected : '{proof}' ends with 0
      Observed : {problem}
      Install  : {client.Install}, or take '{client.Name}' out of the setting
    """);
