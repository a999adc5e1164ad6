using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Two nodes with networks and host names of their own; for all tests of a class.</summary>
public sealed class NamespaceCluster : IDisposable
{
    private readonly Folder state = new();
    private Script? script;

    /// <summary>Its commands; processes that are started from now on see it. Skips the test where something is missing.</summary>
    public Script Use()
    {
        Surroundings.Require(Surroundings.LackForNamespaces);
        if (script is null)
        {
            script = new("namespaces.sh", state.Path, ("CLUSTER_NODES", "2"), ("CLUSTER_CPUS", "1"), ("CLUSTER_NAME", $"allo{Environment.ProcessId}"));
            script.Run("up");
        }
        script.Choose();
        return script;
    }

    public void Dispose()
    {
        script?.Run("down");
        state.Dispose();
    }
}
