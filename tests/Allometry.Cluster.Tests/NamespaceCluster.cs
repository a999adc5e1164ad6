namespace Allometry.Cluster.Tests;

/// <summary>Two nodes with networks and host names of their own.</summary>
public sealed class NamespaceCluster() : TestCluster(Surroundings.LackForNamespaces, "namespaces.sh", ("CLUSTER_NODES", "2"), ("CLUSTER_CPUS", "1"), ("CLUSTER_NAME", $"allo{Environment.ProcessId}"));
