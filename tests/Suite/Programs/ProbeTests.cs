using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Acceptance.Tests.Suite.Http;
using Acceptance.Tests.Suite.Recette;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Programs;

public sealed class ProbeTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_sees_the_variables_that_it_is_given_and_no_other()
    {
        var run = await Probe.RunAsync(new Dictionary<string, string> { ["MODE"] = "batch", ["OTHER"] = "x" }, ["environment", "MODE", "ABSENT"]);

        Names(run.Last["names"]).Should().Equal("MODE", "OTHER");
        run.Last["values"]!.ToJsonString().Should().Be("""{"MODE":"batch","ABSENT":null}""");
    }

    [Theory, InlineData("DB_PASSWORD"), InlineData("api_key"), InlineData("HARBOR_SECRET"), InlineData("CI_TOKEN")]
    public async Task What_looks_like_a_secret_is_never_written(string name)
    {
        var run = await Probe.RunAsync(new Dictionary<string, string> { [name] = "hunter2" }, ["environment", "then", "environment", name]);

        (run.Printed + run.Errors).Should().Contain($"\"{name}\":\"***\"").And.NotContain("hunter2");
    }

    [Fact]
    public async Task It_sees_the_machine()
    {
        var run = await Probe.RunAsync("machine");

        ((int)run.Last["processors"]!).Should().Be(Environment.ProcessorCount);
        ((long)run.Last["memoryTotal"]!).Should().BePositive();
    }

    [Fact]
    public async Task As_a_process_of_a_host_its_paths_are_below_its_own_root()
    {
        var run = await Probe.RunAsync(
            new Dictionary<string, string>(), ["write", "/mnt/data/a/b.txt", "abc", "then", "read", "/mnt/data/a/b.txt", "then", "mounts", "/mnt/data"], FolderBelow(_scratch.Path));

        (await File.ReadAllTextAsync(_scratch.File("mnt/data/a/b.txt"), Cancel)).Should().Be("abc");
        run.Lines[1]["text"]!.ToString().Should().Be("abc");
        run.Last["mounts"]![0]!["files"]!.ToJsonString().Should().Be(
            """[{"name":"a/b.txt","size":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]""");
    }

    [Theory]
    [InlineData("read", "ENOENT", "/nothing/here")]
    [InlineData("write", "EEXIST", "/etc/hostname/x", "text")]
    // What .NET says of a directory that is opened as a file.
    [InlineData("write", "EACCES", "/tmp", "text")]
    public async Task What_the_file_system_refuses_has_its_name(string act, string errno, params string[] arguments)
    {
        var run = await Probe.RunAsync([act, .. arguments]);

        run.ExitCode.Should().Be(3);
        (run.Last["ok"]!.ToString(), run.Last["errno"]!.ToString(), run.Last["path"]!.ToString()).Should().Be(("false", errno, arguments[0]));
        run.Errors.Should().StartWith($"probe: {act} failed: ");
    }

    [Fact]
    public async Task A_mount_that_is_not_there_is_told_beside_those_that_are()
    {
        var run = await Probe.RunAsync("mounts", "/nothing/here", AppContext.BaseDirectory + "programs/Probe");

        run.ExitCode.Should().Be(3);
        run.Last["mounts"]![0]!["errno"]!.ToString().Should().Be("ENOENT");
        run.Last["mounts"]![1]!["files"]!.AsArray().Should().HaveCount(3);
    }

    [Fact]
    public async Task It_fetches_with_the_hash_and_the_account_that_it_was_given()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(context.Request.Headers.Authorization.ToString()));

        var run = await Probe.RunAsync(new Dictionary<string, string> { ["PROBE_FETCH_USER"] = "u", ["PROBE_FETCH_PASSWORD"] = "p" }, ["fetch", server.Address.AbsoluteUri]);

        (run.ExitCode, (int)run.Last["status"]!, (int)run.Last["length"]!).Should().Be((0, 200, 10));
        run.Last["sha256"]!.ToString().Should().Be(Convert.ToHexStringLower(SHA256.HashData("Basic dTpw"u8)));
    }

    [Fact]
    public async Task The_password_of_its_account_may_lie_in_a_file()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync(context.Request.Headers.Authorization.ToString()));
        await File.WriteAllTextAsync(_scratch.File("password"), "p", Cancel);

        var run = await Probe.RunAsync(
            new Dictionary<string, string> { ["PROBE_FETCH_USER"] = "u", ["PROBE_FETCH_PASSWORD_FILE"] = _scratch.File("password") }, ["fetch", server.Address.AbsoluteUri]);

        run.Last["sha256"]!.ToString().Should().Be(Convert.ToHexStringLower(SHA256.HashData("Basic dTpw"u8)));
    }

    [Fact]
    public async Task A_status_that_is_no_success_is_a_failure_with_its_body_hashed()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync("no");
        });

        var run = await Probe.RunAsync("fetch", server.Address.AbsoluteUri);

        (run.ExitCode, (int)run.Last["status"]!, (int)run.Last["length"]!).Should().Be((3, 403, 2));
    }

    [Theory, InlineData("http://nothing.invalid/", "HostNotFound"), InlineData("http://127.0.0.1:1/", "ConnectionRefused")]
    public async Task What_cannot_be_fetched_has_its_causes_and_the_error_of_the_socket(string url, string error)
    {
        var run = await Probe.RunAsync("fetch", url);

        run.ExitCode.Should().Be(3);
        run.Last["socketError"]!.ToString().Should().Be(error);
        Names(run.Last["causes"]).Should().HaveCount(2).And.Contain(cause => cause.StartsWith("SocketException: "));
    }

    [Fact]
    public async Task It_writes_for_the_logs_what_it_is_told()
    {
        var run = await Probe.RunAsync("log", "WARNING", "peu de \"scores\"", "then", "stdout", "bare out", "then", "stderr", "bare error");

        run.Printed.Should().Contain("\"severity\":\"WARNING\",\"message\":\"peu de \\\"scores\\\"\"").And.Contain("\nbare out\n");
        run.Errors.Should().Be("bare error\n");
        run.Lines.Should().HaveCount(3).And.OnlyContain(line => (bool)line["ok"]!);
        run.Lines.Should().OnlyContain(line => DateTimeOffset.ParseExact(line["at"]!.ToString(), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task It_ends_with_the_code_that_it_is_told_and_does_nothing_after()
    {
        var run = await Probe.RunAsync("exit", "7", "then", "stdout", "never");

        (run.ExitCode, run.Printed.Contains("never")).Should().Be((7, false));
    }

    [Theory, InlineData("0", 9), InlineData("1", 9), InlineData("2", 0)]
    public async Task It_fails_until_an_attempt(string attempt, int code)
    {
        var run = await Probe.RunAsync(new Dictionary<string, string> { ["CLOUD_RUN_TASK_ATTEMPT"] = attempt }, ["fail-until", "2", "9", "then", "stdout", "after"]);

        (run.ExitCode, run.Printed.Contains("after")).Should().Be((code, code == 0));
    }

    [Fact]
    public async Task Outside_a_job_there_is_no_attempt()
    {
        var run = await Probe.RunAsync("fail-until", "1", "9");

        (run.ExitCode, run.Last["error"]!.ToString()).Should().Be((3, "there is no CLOUD_RUN_TASK_ATTEMPT: this is no task of a Cloud Run job"));
    }

    [Theory, InlineData(false, 1), InlineData(true, 2)]
    public async Task It_stops_at_a_failure_unless_it_is_to_go_on(bool keepGoing, int lines)
    {
        var run = await Probe.RunAsync([.. keepGoing ? new[] { "--keep-going" } : [], "read", "/nothing", "then", "log", "INFO", "x"]);

        (run.ExitCode, run.Lines.Count).Should().Be((3, lines));
    }

    [Fact]
    public async Task It_fills_memory_and_says_how_far_it_is()
    {
        var run = await Probe.RunAsync("memory", "70");

        run.Lines.Select(line => (int)line["filledMib"]!).Should().Equal(32, 64, 70);
    }

    [Fact]
    public async Task It_measures_the_processors_that_its_threads_got()
    {
        var run = await Probe.RunAsync("spin", "1", "0.2");

        ((double)run.Last["processors"]!).Should().BeGreaterThan(0).And.BeLessThan(1.5, "one thread works, beside those of the runtime");
    }

    [Fact]
    public async Task SIGTERM_ends_a_sleep_at_once_and_is_said()
    {
        await using var probe = ProgramProcess.Start("Probe", new Dictionary<string, string>(), ["sleep", "600", "then", "stdout", "never"]);
        await probe.LineAsync("\"begins\":true");

        var run = await probe.TerminateAsync();

        (run.ExitCode, run.Last["probe"]!.ToString(), run.Last["signal"]!.ToString(), run.Lines.Count).Should().Be((143, "sleep", "SIGTERM", 2));
    }

    [Fact]
    public async Task As_a_service_it_answers_each_path_with_what_it_sees_until_SIGTERM()
    {
        var port = ProgramProcess.FreePort();
        await using var probe = ProgramProcess.Start("Probe", new Dictionary<string, string> { ["PORT"] = $"{port}", ["MODE"] = "web" }, ["serve"]);
        await probe.LineAsync("\"begins\":true");
        using var http = new HttpClient();

        var seen = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/any/path?seconds=0.1"), Cancel))!;
        var run = await probe.TerminateAsync();

        (seen["path"]!.ToString(), seen["method"]!.ToString()).Should().Be(("/any/path", "GET"));
        Names(seen["environment"]).Should().Equal("MODE", "PORT");
        (run.ExitCode, (int)run.Last["served"]!).Should().Be((143, 1));
    }

    [Fact]
    public async Task It_listens_elsewhere_than_it_is_asked_where_that_is_to_be_shown()
    {
        var (asked, other) = (ProgramProcess.FreePort(), ProgramProcess.FreePort());
        await using var probe = ProgramProcess.Start("Probe", new Dictionary<string, string> { ["PORT"] = $"{asked}" }, ["serve", "--address", "127.0.0.1", "--port", $"{other}"]);
        await probe.LineAsync("\"begins\":true");
        using var http = new HttpClient();

        var asking = () => http.GetStringAsync(new Uri($"http://127.0.0.1:{asked}/"), Cancel);

        await asking.Should().ThrowAsync<HttpRequestException>();
        (await http.GetStringAsync(new Uri($"http://127.0.0.1:{other}/"), Cancel)).Should().Contain("\"probe\":\"serve\"");
    }

    [Theory]
    [InlineData("there is no act 'bogus'; known are environment, identity, *", "bogus")]
    [InlineData("read: it wants 1 argument, and 0 came; it is used as `read PATH`. *", "read")]
    [InlineData("exit: it takes at most 1 argument, and 2 came; *", "exit", "1", "2")]
    [InlineData("exit: 'x' is no whole number; *", "exit", "x")]
    [InlineData("sleep: '-1' is no number of seconds; *", "sleep", "-1")]
    [InlineData("fetch: 'ftp://x/' is no http or https address; *", "fetch", "ftp://x/")]
    [InlineData("serve: there is no option '--host'; *", "serve", "--host", "x")]
    [InlineData("serve: '99999' is no port; *", "serve", "--port", "99999")]
    [InlineData("read: there is no variable 'NOPE' for ${NOPE}. *", "read", "/${NOPE}")]
    [InlineData("'then' stands between two acts, or none is given. *", "machine", "then")]
    public async Task Wrong_arguments_are_told_before_anything_is_done(string problem, params string[] arguments)
    {
        var run = await Probe.RunAsync(["stdout", "never", "then", .. arguments]);

        (run.ExitCode, run.Printed).Should().Be((64, ""));
        run.Errors.Should().Match($"probe: {problem}");
    }

    [Fact]
    public async Task An_option_that_there_is_not_is_told()
    {
        var run = await Probe.RunAsync("--loud", "machine");

        (run.ExitCode, run.Errors).Should().Be((64, "probe: there is no option '--loud'; known are --keep-going and --help. See `--help`.\n"));
    }

    [Fact]
    public async Task A_variable_stands_in_an_argument()
    {
        var run = await Probe.RunAsync(new Dictionary<string, string> { ["CLOUD_RUN_EXECUTION"] = "job-abc" }, ["log", "INFO", "of ${CLOUD_RUN_EXECUTION}!"]);

        run.Last["message"]!.ToString().Should().Be("of job-abc!");
    }

    [Fact]
    public async Task Help_names_each_act_as_the_README_does()
    {
        var help = (await Probe.RunAsync("--help")).Printed;

        help.Should().ContainAll("environment [NAME…]", "serve [--address ADDRESS] [--port PORT]", "PROBE_GCS_URL", "64 wrong arguments");
    }

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<string> Names(JsonNode? array) => array!.AsArray().Select(one => one!.ToString());

    // ROOT/app, as the twin unpacks an image.
    private static string FolderBelow(string root)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "app")).FullName;
        foreach (var file in Directory.GetFiles(ProgramProcess.FolderOf("Probe")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }
}
