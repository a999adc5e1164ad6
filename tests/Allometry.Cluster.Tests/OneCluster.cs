namespace Allometry.Cluster.Tests;

/// <summary>Tests that start processes which see one cluster or another, by the environment that all of them share.</summary>
[CollectionDefinition("one cluster at a time")]
public sealed class OneCluster : ICollectionFixture<LoopbackCluster>, ICollectionFixture<NamespaceCluster>;
