using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.CloudRun;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Client;

/// <summary>What Cloud Run says of failures, told apart.</summary>
public sealed class ExecutionFailureTests
{
    [Theory]
    [InlineData("CONTAINER_MISSING", null, "Image 'x' not found", FailureReason.ImageMissing)]
    [InlineData("CONTAINER_PERMISSION_DENIED", null, "must have permission to read the image", FailureReason.ImagePermission)]
    [InlineData("CONTAINER_IMAGE_UNAUTHORIZED", null, "denied by Binary Authorization", FailureReason.ImageUnauthorized)]
    [InlineData("SECRETS_ACCESS_CHECK_FAILED", null, "Permission denied on secret", FailureReason.Secret)]
    [InlineData(null, "CANCELLED", "cancelled", FailureReason.Cancelled)]
    [InlineData(null, "NON_ZERO_EXIT_CODE", "Memory limit of 512 MiB exceeded with 516 MiB used.", FailureReason.OutOfMemory)]
    [InlineData(null, "NON_ZERO_EXIT_CODE", "The configured timeout was reached.", FailureReason.Timeout)]
    [InlineData(null, "NON_ZERO_EXIT_CODE", "The container exited with an error.", FailureReason.ExitCode)]
    [InlineData("INTERNAL", null, "An internal error has occurred.", FailureReason.Other)]
    public void A_reason_is_told_from_the_others(string? reason, string? executionReason, string message, FailureReason expected)
    {
        var execution = Execution(new Condition { Type = "Completed", State = Condition.Failed, Reason = reason, ExecutionReason = executionReason, Message = message });

        ExecutionFailure.Of(execution, [])!.Reason.Should().Be(expected);
    }

    [Fact]
    public void An_exit_code_is_that_of_the_task_that_failed()
    {
        var execution = Execution(new Condition { Type = "Completed", State = Condition.Failed, ExecutionReason = "NON_ZERO_EXIT_CODE" });
        var failed = new CloudRunTask { Name = "t1", Index = 1, LastAttemptResult = new TaskAttemptResult { ExitCode = 7, Status = new RpcStatus { Code = 2, Message = "exited" } } };
        var fine = new CloudRunTask { Name = "t0", Index = 0, LastAttemptResult = new TaskAttemptResult { Status = new RpcStatus() } };

        var failure = ExecutionFailure.Of(execution, [fine, failed])!;

        failure.ExitCode.Should().Be(7);
        failure.ToString().Should().Be("ExitCode (Completed CONDITION_FAILED NON_ZERO_EXIT_CODE; task 1: no condition, last attempt exit code 7, UNKNOWN: exited)");
    }

    [Fact]
    public void An_execution_that_is_said_to_succeed_with_a_task_that_failed_did_not() =>
        ExecutionFailure.Of(Execution(new Condition { Type = "Completed", State = Condition.Succeeded }) with { FailedCount = 1 }, []).Should().NotBeNull();

    [Fact]
    public void An_execution_that_succeeded_has_no_failure() =>
        ExecutionFailure.Of(Execution(new Condition { Type = "Completed", State = Condition.Succeeded }), []).Should().BeNull();

    [Fact]
    public void A_revision_that_does_not_listen_is_told_so() => ExecutionFailure.Of(new Revision
    {
        Name = "r",
        Conditions = [new Condition { Type = "Ready", State = Condition.Failed, RevisionReason = "HEALTH_CHECK_CONTAINER_ERROR", Message = "The container failed to start and listen on the port within the allocated timeout." }],
    })!.Reason.Should().Be(FailureReason.NotListening);

    private static Execution Execution(Condition completed) => new() { Name = "projects/p/locations/l/jobs/j/executions/e", Conditions = [completed] };
}
