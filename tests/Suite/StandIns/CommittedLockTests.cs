using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.StandIns;

public sealed class CommittedLockTests
{
    [Theory]
    [InlineData("requirements.txt")]
    [InlineData("renv.lock")]
    [InlineData("conda-lock.txt")]
    public async Task The_use_cases_lock_is_what_the_twin_writes(string file)
    {
        await using var twin = await TwinOnFakeClock.StartAsync();

        var written = await twin.Control(HttpMethod.Get, $"upstream/locks/{file}");

        var committed = await File.ReadAllTextAsync(RepositoryRoot.Resolve($"fixtures/usecases/churn/{file}"), TestContext.Current.CancellationToken);
        committed.Should().Be(written.Text);
    }
}
