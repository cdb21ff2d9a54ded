using System.Text.Json.Nodes;
using Acceptance.StandIns.Harbor.Repositories;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ApiScanTests : IAsyncLifetime
{
    private const string Repository = "projects/mlops-lab/repositories/churn/artifacts";
    private const string Generic = "application/vnd.security.vulnerability.report; version=1.1";
    private const string Native = "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0";

    private HarborApi _api = null!;

    public async ValueTask InitializeAsync() => _api = await HarborApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_scan_is_pending_then_running_then_a_success()
    {
        Image();

        var before = await Overview();
        var accepted = await Scan();
        var statuses = new List<string?>();
        foreach (var milliseconds in new[] { 99, 1, 199, 1 })
        {
            _api.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            statuses.Add((string?)(await Overview())?["scan_status"]);
        }

        before.Should().BeNull("nobody asked for a scan");
        accepted.Status.Should().Be(202);
        statuses.Should().Equal("Pending", "Running", "Running", "Success");
    }

    [Fact]
    public async Task A_scan_finds_what_the_image_declares()
    {
        Image("CVE-2030-1 High openssl 3.0.1 3.0.2; CVE-2030-2 Low zlib 1.2; nonsense");
        await Scan();
        _api.Clock.Advance(TimeSpan.FromSeconds(1));

        var overview = (await Overview())!;
        var report = (await Get($"{Repository}/1.0/additions/vulnerabilities")).Json[Generic]!;

        overview["summary"]!.ToJsonString().Should().Be("""{"total":2,"fixable":1,"summary":{"High":1,"Low":1}}""");
        ((string?)overview["severity"], (int)overview["complete_percent"]!, (string?)overview["scanner"]!["name"]).Should().Be(("High", 100, "Trivy"));
        ((string?)overview["start_time"], (string?)overview["end_time"]).Should().Be(("2030-01-01T00:00:00.100Z", "2030-01-01T00:00:00.300Z"));
        report["vulnerabilities"]!.AsArray().Select(item => (string?)item!["id"]).Should().Equal("CVE-2030-1", "CVE-2030-2");
        ((string?)report["severity"]).Should().Be("High");
    }

    [Fact]
    public async Task An_image_that_declares_nothing_has_an_empty_report()
    {
        Image();
        await Scan();
        _api.Clock.Advance(TimeSpan.FromSeconds(1));

        var overview = (await Overview())!;

        ((string?)overview["severity"], (int)overview["summary"]!["total"]!).Should().Be(("None", 0));
        (await Get($"{Repository}/1.0/additions/vulnerabilities")).Json[Generic]!["vulnerabilities"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task The_report_comes_in_the_first_type_that_the_client_accepts_and_Harbor_has()
    {
        Image();
        await Scan();
        _api.Clock.Advance(TimeSpan.FromSeconds(1));

        var answer = await _api.Send(
            HttpMethod.Get, $"{Repository}/1.0?with_scan_overview=true", HarborApi.Maintainer, headers: ("X-Accept-Vulnerabilities", $"text/html, {Native}, {Generic}"));

        answer.Json["scan_overview"]!.AsObject().Select(report => report.Key).Should().Equal(Native);
    }

    [Fact]
    public async Task A_scan_of_an_index_scans_its_images()
    {
        var one = _api.State.Image("mlops-lab/churn", "one", vulnerabilities: "CVE-2030-1 Critical a 1");
        var index = _api.State.IndexOf("1.0", one, _api.State.Image("mlops-lab/churn", "two"));
        await Scan();
        _api.Clock.Advance(TimeSpan.FromSeconds(1));

        (await Overview(index.Digest.ToString()))!["severity"]!.ToString().Should().Be("Critical");
        (await Overview(one.Digest.ToString()))!["scan_status"]!.ToString().Should().Be("Success");
    }

    [Fact]
    public async Task A_second_scan_waits_for_the_first_to_end()
    {
        Image();
        await Scan();
        _api.Clock.Advance(TimeSpan.FromMilliseconds(150));

        (await Scan()).Error.Should().Be((409, "CONFLICT", "a previous scan process is Running"));
        _api.Clock.Advance(TimeSpan.FromMilliseconds(150));
        (await Scan()).Status.Should().Be(202);
    }

    [Fact]
    public async Task A_scan_is_stopped()
    {
        Image();

        var never = await Stop();
        await Scan();
        var stopped = await Stop();
        _api.Clock.Advance(TimeSpan.FromSeconds(1));

        never.Error.Code.Should().Be("BAD_REQUEST");
        never.Error.Message.Should().StartWith("no scan job for artifact digest=sha256:");
        (stopped.Status, (string?)(await Overview())!["scan_status"]).Should().Be((202, "Stopped"));
    }

    [Fact]
    public async Task The_log_of_a_scan_goes_by_the_id_of_its_report()
    {
        Image();
        await Scan();
        var id = (await Overview())!["report_id"]!.ToString();

        (await Get($"{Repository}/1.0/scan/{id}/log")).Text.Should().Contain(id);
        (await Get($"{Repository}/1.0/scan/{Guid.Empty}/log")).Error.Should().Be((404, "NOT_FOUND", $"report with uuid {Guid.Empty} does not exist"));
    }

    [Fact]
    public async Task What_is_no_image_is_not_scanned()
    {
        var signature = _api.State.Signature(Image());

        (await _api.Send(HttpMethod.Post, $"{Repository}/{signature.Digest}/scan", HarborApi.Maintainer)).Error
            .Should().Be((400, "BAD_REQUEST", $"the configured scanner Trivy does not support scanning artifact with mime type {StoredImage.ImageManifest}"));
    }

    [Theory]
    [InlineData("""{"scan_type": "vulnerability"}""", 202)]
    [InlineData("""{"scan_type": "sbom"}""", 501)]
    [InlineData("""{"scan_type": "magic"}""", 422)]
    public async Task The_type_of_a_scan_may_be_given(string body, int status)
    {
        Image();

        (await _api.Send(HttpMethod.Post, $"{Repository}/1.0/scan", HarborApi.Maintainer, body)).Status.Should().Be(status);
    }

    [Fact]
    public async Task A_pushed_image_is_scanned_where_its_project_wants_that()
    {
        _api.State.NotifyPushed(Image());
        var other = _api.State.Image("other-team/churn", "one", "1.0");
        _api.State.NotifyPushed(other);

        (await Overview())!["scan_status"]!.ToString().Should().Be("Pending");
        _api.State.Scans.Find(other).Should().BeNull();
    }

    [Theory]
    [InlineData("X18", "Running")]
    [InlineData("X19", "Error")]
    public async Task A_fault_of_the_scanner_shows_in_the_status(string fault, string status)
    {
        Image();
        _api.Faults.SwitchOn(fault);
        await Scan();
        _api.Clock.Advance(TimeSpan.FromDays(1));

        var overview = (await Overview())!;

        ((string?)overview["scan_status"], overview["summary"]).Should().Be((status, null));
        (await Get($"{Repository}/1.0/additions/vulnerabilities")).Text.Should().Be("{}");
        _api.Faults.Hits(fault).Should().BePositive();
    }

    private Artifact Image(string? vulnerabilities = null) => _api.State.Image("mlops-lab/churn", "one", "1.0", vulnerabilities);

    private Task<ApiAnswer> Get(string path) => _api.Get(path, HarborApi.Maintainer);

    private Task<ApiAnswer> Scan() => _api.Send(HttpMethod.Post, $"{Repository}/1.0/scan", HarborApi.Maintainer);

    private Task<ApiAnswer> Stop() => _api.Send(HttpMethod.Post, $"{Repository}/1.0/scan/stop", HarborApi.Maintainer, """{"scan_type": "vulnerability"}""");

    private async Task<JsonNode?> Overview(string reference = "1.0") =>
        (await Get($"{Repository}/{reference}?with_scan_overview=true")).Json["scan_overview"]?[Generic];
}
