namespace Acceptance.Tests.CloudRun;

/// <summary>Tests that read one batch: they share it, and follow each other.</summary>
[CollectionDefinition(Name)]
public sealed class BatchCategory : ICollectionFixture<BatchRun>
{
    public const string Name = "batch";
}

/// <summary>Tests that visit one monitoring service: they share it, and follow each other.</summary>
[CollectionDefinition(Name)]
public sealed class MonitoringCategory : ICollectionFixture<MonitoringRun>
{
    public const string Name = "monitoring";
}
