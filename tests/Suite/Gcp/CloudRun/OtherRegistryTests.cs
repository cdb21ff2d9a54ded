using System.Text.Json.Nodes;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

namespace Acceptance.Tests.Suite.Gcp.CloudRun;

/// <summary>Cloud Run takes images of three registries, and says so of any other, in the words of github.com/hashicorp/terraform-provider-google/issues/14700.</summary>
public sealed class OtherRegistryTests(JobBench bench) : IClassFixture<JobBench>
{
    public static TheoryData<string> Others => [
        "quay.io/sysdig/orchestrator-agent:latest", "harbor.example.org/mlops/probe:v1", "127.0.0.1:8443/mlops-lab/probe:v1", "localhost/probe", "localhost:5000/probe", "docker.n8n.io/n8nio/n8n",
        "gcr.io.example.org/probe", "a.b.gcr.io/p/probe", "europe-west1.docker.pkg.dev/p/r/probe", "docker.io:443/library/nginx", "notgcr.io/p/probe"];

    public static TheoryData<string> Taken => [
        "gcr.io/p/probe", "eu.gcr.io/p/probe:v1", "docker.pkg.dev/p/r/probe", "us-central1-docker.pkg.dev/acc-lab/harbor/mlops-lab/probe:v1", "europe-west1-docker.pkg.dev/acc-lab/other/probe", "docker.io/library/nginx", "library/nginx", "nginx"];

    [Theory, MemberData(nameof(Others))]
    public async Task A_job_on_an_image_of_another_registry_is_refused(string image)
    {
        var refused = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(image));

        Refused(refused, "template.template.containers[0].image", image);
    }

    [Theory, InlineData("PATCH", "services/other?allowMissing=true"), InlineData("POST", "services?serviceId=other"), InlineData("POST", "services?serviceId=other&validateOnly=true")]
    public async Task So_is_a_service(string method, string path)
    {
        var service = new JsonObject { ["template"] = new JsonObject { ["serviceAccount"] = JobBench.Agent, ["containers"] = new JsonArray(new JsonObject { ["image"] = "quay.io/x/y" }) } };

        var refused = await bench.SendAsync(new HttpMethod(method), $"{JobBench.Lab}/{path}", service);

        Refused(refused, "template.containers[0].image", "quay.io/x/y");
    }

    [Fact]
    public async Task So_is_a_change_to_the_host_of_Harbor_itself_and_the_job_stays_as_it_was()
    {
        var (name, harbor) = (JobBench.NewName(), bench.Harbor.Address.Authority);
        var image = await bench.PushAsync(Containers.TestImage.OfScript("true"), name);
        var job = await bench.CreateAsync(JobBench.Job(image));

        var refused = await bench.SendAsync(HttpMethod.Patch, job, JobBench.Job(image.Replace(JobBench.Images, harbor, StringComparison.Ordinal)));

        Refused(refused, "template.template.containers[0].image", $"{harbor}/mlops-lab/{name}:v1");
        var kept = await bench.GetAsync(job);
        ((string?)kept["template"]!["template"]!["containers"]![0]!["image"], (string?)kept["generation"]).Should().Be((image, "1"));
    }

    [Theory, MemberData(nameof(Taken))]
    public async Task An_image_of_its_registries_is_taken_and_missing_where_it_is_not_there(string image)
    {
        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(image)));

        ((string?)operation["error"]!["message"]).Should().Be($"Image '{image}' not found.");
    }

    [Fact]
    public async Task The_remote_repository_of_another_project_may_not_be_read()
    {
        var image = $"europe-west1-docker.pkg.dev/acc-run/harbor/mlops-run/{JobBench.NewName()}:v1";

        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(image)));

        ((string?)operation["error"]!["message"]).Should().Contain($"must have permission to read the image, {image}.");
    }

    private static void Refused(WireAnswer refused, string field, string image)
    {
        var description = $"Expected an image path like [host/]repo-path[:tag and/or @digest], where host is one of [region.]gcr.io, [region-]docker.pkg.dev or docker.io but obtained {image}. "
            + "To deploy container images from other public or private registries, set up an Artifact Registry remote repository. See https://cloud.google.com/artifact-registry/docs/repositories/remote-repo.";
        refused.Status.Should().Be(400, refused.Text);
        refused.Message.Should().Be($"{field}: {description}");
        var detail = refused.Json["error"]!["details"]!.AsArray().Should().ContainSingle().Which!;
        ((string?)detail["@type"], (string?)detail["fieldViolations"]![0]!["field"], (string?)detail["fieldViolations"]![0]!["description"])
            .Should().Be(("type.googleapis.com/google.rpc.BadRequest", field, description));
    }
}
