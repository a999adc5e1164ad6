using System.Globalization;

namespace Allometry.Cluster.Tests;

/// <summary>Two nodes of one core and one pretended GPU each, on this machine's loopback, whose arrays have at most three tasks.</summary>
public sealed class LoopbackCluster() : TestCluster(
    Surroundings.LackForSlurm, "loopback.sh", ("CLUSTER_NODES", "2"), ("CLUSTER_CPUS", "1"), ("CLUSTER_GPUS", "1"), ("CLUSTER_MAX_ARRAY", "4"), ("CLUSTER_PORT", FreePorts))
{
    /// <summary>Twenty for each process: other clusters of this machine may be at work.</summary>
    private static string FreePorts => (20_000 + (Environment.ProcessId % 500 * 20)).ToString(CultureInfo.InvariantCulture);
}
