namespace Acceptance.Tests.CloudRun;

/// <summary>How long a task may take that sleeps for longer than it may.</summary>
/// <param name="Timeout">What was asked for.</param>
public sealed record TaskTime(TimeSpan Timeout)
{
    // A container has ten seconds between SIGTERM and SIGKILL (cloud.google.com/run/docs/container-contract#forced-termination).
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    // The container's clock is not Cloud Run's.
    private TimeSpan Slack => Timeout / 2;

    /// <summary>From its start to its end, both told by Cloud Run, to the second: shorter, and it was ended before its time was over.</summary>
    public TimeSpan Least => Timeout - TimeSpan.FromSeconds(1);

    /// <summary>From the line that its sleep begins to its end: longer, and it was not ended.</summary>
    public TimeSpan Most => Timeout + Grace + Slack;

    /// <summary>How long it sleeps: whom nobody ends, ends by itself, and too late.</summary>
    public TimeSpan Sleep => Most + Slack;
}
