namespace Allometry.Cluster.Tests;

/// <summary>Tests whose tasks share the nodes of one cluster.</summary>
[CollectionDefinition(Name)]
public sealed class OnLoopback : ICollectionFixture<LoopbackCluster>
{
    public const string Name = "on the loopback cluster";
}

/// <summary>Tests that change the path on which this process finds commands, which all others read.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
