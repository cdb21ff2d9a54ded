using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>What a service may not be, and what this stand-in does not do, each by its name.</summary>
public sealed class ServiceRefusalTests(ServicesTwin twin) : IClassFixture<ServicesTwin>
{
    [Theory]
    [InlineData("""{}""", "*template: the template is required.")]
    [InlineData("""{"template":{}}""", "*template.containers: at least one container is required.")]
    [InlineData("""{"template":{"containers":[{"image":"i","env":[{"name":"PORT","value":"1"}]}]}}""", "*The following reserved env names were provided: PORT.*")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"revision":"other-1"}}""", "*template.revision: 'other-1' must begin with 'refused-'*")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"timeout":"3601s"}}""", "*template.timeout: a request may take*")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"timeout":"99999999999999s"}}""", "*Invalid value at 'service.template.timeout' (type.googleapis.com/google.protobuf.Duration)*")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"maxInstanceRequestConcurrency":1001}}""", "*concurrency: must be between 1 and 1000: 1001.")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"scaling":{"minInstanceCount":3,"maxInstanceCount":2}}}""", "*min_instance_count: must be between 0 and 2: 3.")]
    [InlineData("""{"template":{"containers":[{"image":"i","ports":[{"containerPort":1},{"containerPort":2}]}]}}""", "*should contain 0 or 1 port*")]
    [InlineData("""{"template":{"containers":[{"image":"i","startupProbe":{"periodSeconds":10,"failureThreshold":100,"tcpSocket":{}}}]}}""", "*startup_probe: times are at least 1*")]
    [InlineData("""{"template":{"containers":[{"image":"i","startupProbe":{"periodSeconds":65536,"failureThreshold":65536,"tcpSocket":{}}}]}}""", "*startup_probe: times are at least 1*")]
    [InlineData("""{"template":{"containers":[{"image":"i","startupProbe":{"initialDelaySeconds":-300,"tcpSocket":{}}}]}}""", "*initial_delay_seconds: must be between 0 and 240: -300.")]
    [InlineData("""{"template":{"containers":[{"image":"i","startupProbe":{"httpGet":{"path":"@elsewhere.test/"}}}]}}""", "*http_get.path: a path begins with '/'.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"cpu":"0.5"},"cpuIdle":true}}],"maxInstanceRequestConcurrency":80}}""", "*containers?0?.resources.limits?cpu?: Invalid value specified for cpu. Total cpu < 1 is not supported with concurrency > 1.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"cpu":"0.5"},"cpuIdle":true}}],"executionEnvironment":"EXECUTION_ENVIRONMENT_GEN2"}}""", "*Total cpu < 1 is not supported with gen2.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"cpu":"0.5"}}}]}}""", "*Total cpu < 1 is not supported with cpu always allocated (unthrottled).")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"cpu":"70m"},"cpuIdle":true}}]}}""", "*limits?cpu?: Invalid value specified for cpu: '0.07'. Supported: 1, 2, 4, 6 and 8, and less than 1.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"cpu":"0.49","memory":"1Gi"},"cpuIdle":true}}]}}""", "*limits?memory?: Invalid value specified for container memory. For 0.49 CPU, memory must be between 128Mi and 512Mi inclusive.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"cpu":"0.5","memory":"4Gi"},"cpuIdle":true}}]}}""", "*For 0.5 CPU, memory must be between 128Mi and 1024Mi inclusive.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"memory":"127Mi"},"cpuIdle":true}}]}}""", "*For 1.0 CPU, memory must be between 128Mi and 4096Mi inclusive.")]
    [InlineData("""{"template":{"containers":[{"image":"i","resources":{"limits":{"memory":"256Mi"},"cpuIdle":true}}],"executionEnvironment":"EXECUTION_ENVIRONMENT_GEN2"}}""", "*For 1.0 CPU, memory must be between 512Mi and 4096Mi inclusive.")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"traffic":[{"percent":50}]}""", "*the percentages must sum up to 100, and not to 50.")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"traffic":[{"percent":100,"type":"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"}]}""", "*traffic?0?.revision: a revision is named*")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"labels":{"run.googleapis.com/x":"y"}}""", "*system labels are not supported in Cloud Run API v2.")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"nonsense":1}""", "Invalid JSON payload received. Unknown name \"nonsense\" at 'service': Cannot find field.")]
    public async Task A_service_that_Cloud_Run_does_not_take_is_refused(string body, string message)
    {
        var refused = await CreateAsync(body);

        refused.Status.Should().Be(400, "{0}", refused.Text);
        refused.Message.Should().Match(message);
    }

    [Theory]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"ingress":"INGRESS_TRAFFIC_INTERNAL_ONLY"}""", "INGRESS_TRAFFIC_INTERNAL_ONLY")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"scaling":{"minInstanceCount":1}}""", "service.scaling.minInstanceCount")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"defaultUriDisabled":true}""", "service.defaultUriDisabled")]
    [InlineData("""{"template":{"containers":[{"image":"i"}]},"iapEnabled":true}""", "service.iapEnabled")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"healthCheckDisabled":true}}""", "service.template.healthCheckDisabled")]
    [InlineData("""{"template":{"containers":[{"image":"i","livenessProbe":{"tcpSocket":{}}}]}}""", "liveness probes")]
    [InlineData("""{"template":{"containers":[{"image":"i","ports":[{"name":"h2c"}]}]}}""", "HTTP/2 to the container")]
    [InlineData("""{"template":{"containers":[{"image":"i","startupProbe":{"grpc":{"port":1}}}]}}""", "grpc")]
    [InlineData("""{"template":{"containers":[{"image":"i"},{"image":"j"}]}}""", "several containers")]
    [InlineData("""{"template":{"containers":[{"image":"i"}],"encryptionKey":"k"}}""", "service.template.encryptionKey")]
    public async Task What_would_be_kept_and_not_acted_on_is_refused_by_its_name(string body, string named)
    {
        var refused = await CreateAsync(body);

        (refused.Status, refused.Message).Should().Match<(int Status, string Message)>(answer => answer.Status == 501 && answer.Message.Contains(named));
    }

    [Fact]
    public async Task A_name_that_is_none_is_refused() =>
        (await twin.CallAsync(HttpMethod.Post, "services?serviceId=Bad_Name", ServicesTwin.Body("i"))).Status.Should().Be(400);

    [Fact]
    public async Task The_methods_that_are_not_there_are_named() =>
        (await twin.CallAsync(HttpMethod.Get, "workerPools")).Message.Should().EndWith("workerPools.");

    [Fact]
    public async Task What_exists_is_not_created_again()
    {
        var (id, _) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var again = await twin.CallAsync(HttpMethod.Post, $"services?serviceId={id}", ServicesTwin.Body("i"));

        (again.Status, again.Message).Should().Be((409, $"Resource '{id}' already exists."));
    }

    [Fact]
    public async Task Another_content_under_the_name_of_a_revision_is_refused()
    {
        var (id, _) = await twin.CreateAsync(FakeProgram.Saying("one"), (name, body) => body["template"]!["revision"] = $"{name}-v1");
        var body = ServicesTwin.Body("other");
        body["template"]!["revision"] = $"{id}-v1";

        (await twin.CallAsync(HttpMethod.Patch, $"services/{id}", body)).Status.Should().Be(409);
    }

    private Task<WireAnswer> CreateAsync(string body)
    {
        var service = JsonNode.Parse(body)!.AsObject();
        service["template"]?.AsObject().Add("serviceAccount", "run-agent@acc-lab.iam.gserviceaccount.com");
        return twin.CallAsync(HttpMethod.Post, "services?serviceId=refused", service);
    }
}
