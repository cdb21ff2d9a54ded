using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.CloudRun;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Client;

/// <summary>What Cloud Run leaves out of an answer is Cloud Run's failure, and no defect of the suite.</summary>
public sealed class MissingFieldTests
{
    private static readonly JobName Job = new("p", "europe-west1", "acc-x");

    [Fact]
    public void An_operation_that_names_no_execution_is_a_failure_of_Cloud_Run()
    {
        var naming = () => CloudRunFixture.ExecutionOf(Job, new Operation<Execution> { Name = "o1" });

        naming.Should().Throw<CloudRunException>().Which.Expected.Should().Be("an execution of acc-x");
    }

    [Fact]
    public void A_service_without_a_ready_revision_is_a_failure_of_Cloud_Run()
    {
        var service = new DeployedService(new ServiceName("p", "europe-west1", "acc-y"), new Service { Template = new RevisionTemplate { Containers = [] } });

        var reading = () => service.Revision;

        reading.Should().Throw<CloudRunException>().WithMessage("Expected : the revision of service acc-y\nObserved : a service that is ready, and has no latestReadyRevision*");
        (service with { Service = service.Service with { LatestReadyRevision = "projects/p/locations/europe-west1/services/acc-y/revisions/acc-y-00001" } }).Revision.Should().Be("acc-y-00001");
    }

    [Fact]
    public void Limits_that_are_not_said_are_none()
    {
        var template = new TaskTemplate { Containers = [new Container { Image = "i", Resources = ResourceRequirements.Of("1", "512Mi") }] };
        var bare = new ExecutionOutcome(
            new Execution { Name = Job.Execution("e").ToString() }, [], new Job { Template = new ExecutionTemplate { Template = template with { Containers = [new Container { Image = "i" }] } } });

        (bare.Limits, bare.LimitsOfJob).Should().Be((null, null));
        (bare with { Execution = bare.Execution with { Template = template } }).Limits.Should().Contain("cpu", "1").And.Contain("memory", "512Mi");
    }
}
