using Acceptance.Platform.Reachability;
using Acceptance.Platform.Results;

namespace Acceptance.Tests.Suite.Reachability;

public sealed class SystemProbeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_it_is_asked_with_does_not_take_of_its_time()
    {
        var probe = Probe(Answer) with { Prepare = async token => await Task.Run(() => SpinWait.SpinUntil(() => false, 4 * Soon), token) };

        (await probe.AskAsync(Soon, Cancel)).Should().Be(new SystemVersion("Cloud Run", null, probe.Address, "v2", null));

        static Task<string> Answer(CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
            return Task.FromResult("v2");
        }
    }

    [Fact]
    public async Task Where_that_is_not_to_be_had_it_says_so_of_itself()
    {
        var probe = Probe(_ => Task.FromResult("v2")) with { Prepare = _ => throw new InvalidOperationException("the token endpoint refuses") };

        (await probe.AskAsync(Soon, Cancel)).Error.Should().Be("the token endpoint refuses");
    }

    [Fact]
    public async Task A_system_that_does_not_answer_is_told_with_the_limit_that_has_passed()
    {
        var probe = Probe(async token => await new TaskCompletionSource<string>().Task.WaitAsync(token));

        (await probe.AskAsync(Soon, Cancel)).Error.Should().Be("""
            https://run.test could not be spoken to.
              Expected : an answer to /
              Observed : half-open (no answer within 0.1 s, though the connection was accepted or is still being tried)
              Look at  : proxies and load balancers on the way; the limit is ACCEPTANCE_REACH_WITHIN
            """);
    }

    private static SystemProbe Probe(Func<CancellationToken, Task<string>> ask) => new("Cloud Run", null, new Uri("https://run.test/"), ask);
}
