using Acceptance.Platform.Cleanup;
using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.Cleanup;

public sealed class RunLedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-").FullName;
    private readonly FolderRemover _remover;

    public RunLedgerTests() => _remover = new FolderRemover(Path.Combine(_folder, "platform"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_intent_is_on_disk_before_the_resource_is_created()
    {
        using var ledger = Ledger();
        var atCreation = "";

        await ledger.CreateAsync("folder", EnvironmentName.Lab, "boot", (name, _) =>
        {
            atCreation = ReadShared(Path.Combine(_folder, "r41a00.jsonl"));
            return _remover.CreateAsync(name);
        }, Cancel);

        atCreation.Should().Contain("acc-r41a00-boot").And.Contain("\"intent\"");
    }

    [Fact]
    public async Task Deletion_goes_in_reverse_order_and_is_verified()
    {
        using var ledger = Ledger();
        await ledger.CreateAsync("folder", null, "one", (name, _) => _remover.CreateAsync(name), Cancel);
        await ledger.CreateAsync("folder", null, "two", (name, _) => _remover.CreateAsync(name), Cancel);

        var left = await ledger.CleanAsync(Cancel);

        left.Should().BeEmpty();
        _remover.Deleted.Should().Equal("acc-r41a00-two", "acc-r41a00-one");
        Directory.GetFiles(_folder, "*.jsonl").Should().BeEmpty("nothing is left to remember");
    }

    [Fact]
    public async Task What_is_of_one_kind_is_deleted_at_once_in_both_environments_and_before_the_kind_that_it_needs()
    {
        var jobs = new JobRemover(together: 3, _remover);
        using var ledger = new RunLedger(_folder, "r41a00", [jobs, _remover], TimeProvider.System);
        await ledger.CreateAsync("folder", EnvironmentName.Run, "one", (name, _) => _remover.CreateAsync(name), Cancel);
        await ledger.CreateAsync("job", EnvironmentName.Run, "two", (_, _) => Task.CompletedTask, Cancel);
        await ledger.CreateAsync("folder", EnvironmentName.Run, "three", (name, _) => _remover.CreateAsync(name), Cancel);
        await ledger.CreateAsync("job", EnvironmentName.Run, "four", (_, _) => Task.CompletedTask, Cancel);
        await ledger.CreateAsync("job", EnvironmentName.Lab, "five", (_, _) => Task.CompletedTask, Cancel);

        var left = await ledger.CleanAsync(Cancel);

        left.Should().BeEmpty("each job waits until all of them are being deleted");
        _remover.Deleted.Should().Equal("acc-r41a00-three", "acc-r41a00-one");
        jobs.FoldersGoneBefore.Should().Be(0);
    }

    [Fact]
    public async Task What_depends_on_another_kind_is_deleted_before_it_though_it_was_made_first()
    {
        var jobs = new JobRemover(together: 2, _remover);
        using var ledger = new RunLedger(_folder, "r41a00", [jobs, _remover], TimeProvider.System);
        await ledger.CreateAsync("job", EnvironmentName.Lab, "one", (_, _) => Task.CompletedTask, Cancel);
        await ledger.CreateAsync("folder", EnvironmentName.Lab, "two", (name, _) => _remover.CreateAsync(name), Cancel);
        await ledger.CreateAsync("job", EnvironmentName.Lab, "three", (_, _) => Task.CompletedTask, Cancel);

        var left = await ledger.CleanAsync(Cancel);

        left.Should().BeEmpty();
        jobs.FoldersGoneBefore.Should().Be(0, "a job reads what its folder holds, and both were made in any order");
    }

    [Fact]
    public async Task A_deletion_that_is_accepted_and_not_done_is_left_behind()
    {
        using var ledger = Ledger();
        await ledger.CreateAsync("folder", null, "stubborn", (name, _) => _remover.CreateAsync(name), Cancel);
        _remover.Pretends = true;

        var left = await ledger.CleanAsync(Cancel);

        left.Should().ContainSingle().Which.Should()
            .StartWith("folder acc-r41a00-stubborn is left behind: folder acc-r41a00-stubborn to be gone was not reached within");
    }

    [Fact]
    public async Task What_is_being_made_when_the_run_is_cleaned_up_is_awaited_and_deleted()
    {
        using var ledger = Ledger();
        var (begun, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        var making = ledger.CreateAsync("folder", EnvironmentName.Lab, "late", async (name, _) =>
        {
            begun.SetResult();
            await answered.Task;
            await _remover.CreateAsync(name);
        }, Cancel);
        await begun.Task;

        var cleaning = ledger.CleanAsync(Cancel);
        answered.SetResult();
        var left = await cleaning;

        await making;
        left.Should().BeEmpty();
        _remover.Deleted.Should().Equal("acc-r41a00-late");
    }

    [Fact]
    public async Task What_is_being_made_for_longer_than_that_is_told_and_remembered()
    {
        var ledger = new RunLedger(_folder, "r41a00", [_remover], TimeProvider.System, TimeSpan.FromMilliseconds(50));
        var answered = new TaskCompletionSource();
        var making = ledger.CreateAsync("folder", EnvironmentName.Lab, "late", async (name, _) =>
        {
            await answered.Task;
            await _remover.CreateAsync(name);
        }, Cancel);

        var left = await ledger.CleanAsync(Cancel);
        ledger.Dispose();
        answered.SetResult();
        await making;

        left.Should().Equal("folder acc-r41a00-late was still being made when the run was cleaned up, and may be there.");
        File.ReadAllText(Path.Combine(_folder, "r41a00.jsonl")).Should().Contain("acc-r41a00-late", "the next run sweeps it").And.NotContain("\"gone\"");
    }

    [Fact]
    public async Task Nothing_is_made_once_the_run_is_cleaned_up()
    {
        using var ledger = Ledger();
        await ledger.CleanAsync(Cancel);
        var made = false;

        var making = () => ledger.CreateAsync("folder", EnvironmentName.Lab, "later", (_, _) => Task.FromResult(made = true), Cancel);

        await making.Should().ThrowAsync<LedgerClosedException>().WithMessage("folder acc-r41a00-later is not made: its run is being cleaned up, and nobody would delete it.");
        made.Should().BeFalse();
    }

    [Fact]
    public async Task What_a_killed_run_left_is_swept_by_the_next()
    {
        await KilledRun("http://nexus.example/", "acc-dead00-one", "acc-dead00-two");
        using var ledger = Ledger();

        var report = await ledger.SweepAsync(Cancel);

        report.Swept.Should().HaveCount(2);
        report.Left.Should().BeEmpty();
        _remover.Deleted.Should().Equal("acc-dead00-two", "acc-dead00-one");
        Directory.GetFiles(_folder, "*.jsonl").Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_at_another_address_is_told_and_kept_for_the_run_that_drives_it()
    {
        await KilledRun("http://rehearsal.example:8081/", "acc-dead00-one");
        using var ledger = Ledger();

        var report = await ledger.SweepAsync(Cancel);
        var again = await ledger.SweepAsync(Cancel);

        report.Swept.Should().BeEmpty();
        report.Left.Should().Equal(
            "folder acc-dead00-one, left by a run that was killed after 2026-01-01 00:00:01Z, is at http://rehearsal.example:8081/, which this profile does not drive.");
        again.Left.Should().Equal(report.Left);
        _remover.Deleted.Should().BeEmpty();
    }

    [Fact]
    public async Task What_one_sweep_deleted_the_next_does_not_though_another_entry_keeps_the_ledger()
    {
        await KilledRun("http://nexus.example/", "acc-dead00-one");
        var other = """{"event":"intent","entry":{"id":"x","kind":"bucket","name":"acc-dead00-x","intendedAt":"2026-01-01T00:00:01Z"}}""";
        await File.AppendAllTextAsync(Path.Combine(_folder, "dead00.jsonl"), other, Cancel);
        using var ledger = Ledger();

        await ledger.SweepAsync(Cancel);
        var again = await ledger.SweepAsync(Cancel);

        again.Swept.Should().BeEmpty();
        again.Left.Should().ContainSingle().Which.Should().Contain("acc-dead00-x").And.Contain("an address that its ledger does not say");
        _remover.Deleted.Should().Equal("acc-dead00-one");
    }

    [Fact]
    public async Task What_was_deleted_before_the_end_is_not_deleted_again()
    {
        using var ledger = Ledger();
        var entry = await ledger.CreateAsync("folder", null, "early", (name, _) => _remover.CreateAsync(name), Cancel);

        await ledger.DeleteAsync(entry, Cancel);
        var left = await ledger.CleanAsync(Cancel);

        left.Should().BeEmpty();
        _remover.Deleted.Should().Equal("acc-r41a00-early");
    }

    [Fact]
    public async Task A_live_run_is_not_swept()
    {
        using var live = Ledger("live00");
        await live.CreateAsync("folder", null, "mine", (name, _) => _remover.CreateAsync(name), Cancel);
        using var next = Ledger();

        var report = await next.SweepAsync(Cancel);

        report.Swept.Should().BeEmpty();
        _remover.Exists("acc-live00-mine").Should().BeTrue();
    }

    [Fact]
    public async Task What_nothing_can_delete_is_not_created()
    {
        using var ledger = Ledger();

        var creating = () => ledger.CreateAsync("bucket", null, "x", (_, _) => throw new InvalidOperationException("created"), Cancel);

        await creating.Should().ThrowAsync<ArgumentException>().WithMessage("Nothing deletes a 'bucket': what cannot be deleted is not created. Known: folder.*");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("ends-in-")]
    [InlineData("under_score")]
    [InlineData("much-too-long-for-the-strictest-system-of-them-all")]
    public void A_purpose_that_makes_no_name_is_refused(string purpose)
    {
        var naming = () => ResourceName.Of("r41a00", purpose);

        naming.Should().Throw<ArgumentException>();
    }

    private RunLedger Ledger(string run = "r41a00") => new(_folder, run, [_remover], TimeProvider.System, TimeSpan.FromMilliseconds(300));

    private async Task KilledRun(string address, params string[] names)
    {
        var lines = new List<string> { """{"event":"run","process":{"id":2147483646,"startedAt":"2026-01-01T00:00:00Z"}}""" };
        foreach (var name in names)
        {
            await _remover.CreateAsync(name);
            lines.Add($$$"""{"event":"intent","entry":{"id":"{{{name}}}","kind":"folder","name":"{{{name}}}","intendedAt":"2026-01-01T00:00:01Z","address":"{{{address}}}"}}""");
        }

        lines.Add("""{"event":"intent","entry":{"id":"ha""");
        await File.WriteAllLinesAsync(Path.Combine(_folder, "dead00.jsonl"), lines, Cancel);
    }

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(stream).ReadToEnd();
    }

    /// <summary>Ends no deletion before so many have begun.</summary>
    private sealed class JobRemover(int together, FolderRemover folders) : IResourceRemover
    {
        private readonly TaskCompletionSource _all = new();
        private int _begun;

        public int FoldersGoneBefore { get; private set; }

        public string Kind => "job";

        public Uri Address { get; } = new("http://nexus.example/");

        public async Task DeleteAsync(LedgerEntry entry, CancellationToken cancellationToken)
        {
            FoldersGoneBefore += folders.Deleted.Count;
            if (Interlocked.Increment(ref _begun) == together)
            {
                _all.SetResult();
            }

            await _all.Task.WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        }

        public Task<bool> IsGoneAsync(LedgerEntry entry, CancellationToken cancellationToken) => Task.FromResult(true);
    }

    private sealed class FolderRemover(string root) : IResourceRemover
    {
        public string Kind => "folder";

        public Uri Address { get; } = new("http://nexus.example/");

        public List<string> Deleted { get; } = [];

        public bool Pretends { get; set; }

        public Task CreateAsync(string name)
        {
            Directory.CreateDirectory(Path.Combine(root, name));
            return Task.CompletedTask;
        }

        public bool Exists(string name) => Directory.Exists(Path.Combine(root, name));

        public Task DeleteAsync(LedgerEntry entry, CancellationToken cancellationToken)
        {
            Deleted.Add(entry.Name);
            if (!Pretends)
            {
                Directory.Delete(Path.Combine(root, entry.Name));
            }

            return Task.CompletedTask;
        }

        public Task<bool> IsGoneAsync(LedgerEntry entry, CancellationToken cancellationToken) => Task.FromResult(!Exists(entry.Name));
    }
}
