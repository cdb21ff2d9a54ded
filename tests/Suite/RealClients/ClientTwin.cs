using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.StandIns;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>The twin that a class of tests drives a client against.</summary>
public sealed class ClientTwin : IAsyncLifetime
{
    /// <summary>Known once the class starts.</summary>
    public Twin Twin { get; private set; } = null!;

    /// <summary>Base address of a repository's content, without the last slash.</summary>
    public string Repository(string name, string environment = "lab") => Twin.Repository(name, environment).AbsoluteUri.TrimEnd('/');

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => Twin = await Twin.StartAsync(new TwinOptions());

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Twin.DisposeAsync();
}
