using System.Globalization;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Two nodes of one core and one pretended GPU each, on this machine's loopback, whose arrays have at most three tasks; for all tests of a class.</summary>
public sealed class LoopbackCluster : IDisposable
{
    private readonly Folder state = new();

    public LoopbackCluster()
    {
        if (Surroundings.LackForSlurm is not null) return;
        Script = new("loopback.sh", state.Path, ("CLUSTER_NODES", "2"), ("CLUSTER_CPUS", "1"), ("CLUSTER_GPUS", "1"), ("CLUSTER_MAX_ARRAY", "4"), ("CLUSTER_PORT", FreePorts));
        Script.Choose();
        Script.Run("up");
    }

    public Script? Script { get; }

    /// <summary>Twenty for each process: other clusters of this machine may be at work.</summary>
    private static string FreePorts => (20_000 + (Environment.ProcessId % 500 * 20)).ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        Script?.Run("down");
        state.Dispose();
    }
}
