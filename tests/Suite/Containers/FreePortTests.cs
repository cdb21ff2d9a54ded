using System.Net;
using System.Net.Sockets;
using Acceptance.StandIns.Containers;

namespace Acceptance.Tests.Suite.Containers;

public sealed class FreePortTests
{
    [Fact]
    public void A_port_is_given_out_once_and_is_none_that_Linux_gives_out_itself()
    {
        var ports = Enumerable.Range(0, 200).AsParallel().Select(_ => FreePort.Take()).ToList();

        ports.Should().OnlyHaveUniqueItems().And.OnlyContain(port => port >= 12_000 && port < 32_000);
    }

    [Fact]
    public void A_port_that_somebody_listens_on_is_left_out()
    {
        using var taken = new TcpListener(IPAddress.Loopback, FreePort.Take() + 1);
        taken.Start();

        FreePort.Take().Should().NotBe(((IPEndPoint)taken.LocalEndpoint).Port);
    }
}
