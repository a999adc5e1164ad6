using System.Globalization;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Two nodes of one core and one pretended GPU each, on this machine's loopback, whose arrays have at most three tasks; for all tests that want them.</summary>
public sealed class LoopbackCluster : IDisposable
{
    private readonly Folder state = new();
    private Script? script;

    /// <summary>Its commands; processes that are started from now on see it. Skips the test where something is missing.</summary>
    public Script Use(string? lack = null)
    {
        Surroundings.Require(Surroundings.LackForSlurm ?? lack);
        if (script is null)
        {
            script = new("loopback.sh", state.Path, ("CLUSTER_NODES", "2"), ("CLUSTER_CPUS", "1"), ("CLUSTER_GPUS", "1"), ("CLUSTER_MAX_ARRAY", "4"), ("CLUSTER_PORT", FreePorts));
            script.Run("up");
        }
        script.Choose();
        return script;
    }

    /// <summary>Twenty for each process: other clusters of this machine may be at work.</summary>
    private static string FreePorts => (20_000 + (Environment.ProcessId % 500 * 20)).ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        script?.Run("down");
        state.Dispose();
    }
}
