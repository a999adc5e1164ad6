using Xunit.v3;

// Clusters and ranks side by side, whatever the number of processors: these tests mostly wait, for daemons and for each other.
[assembly: Parallelization(MaxThreads = 3)]

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
