using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Harbor;

[Needs(Capability.Harbor)]
public sealed class ScanTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-08")]
    public async Task The_image_just_pushed_is_scanned_for_vulnerabilities(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var pushed = await harbor.PushImage("scanned", UploadMode.Streamed, Cancel);

        var report = await harbor.Scan(pushed, Cancel);

        report.Summary.Should().NotBeNull("a finished scan counts what it found");
        report.Severity.Should().NotBeNullOrEmpty();
    }
}
