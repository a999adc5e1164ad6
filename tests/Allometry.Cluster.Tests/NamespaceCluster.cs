using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Two nodes with networks and host names of their own; for all tests of a class.</summary>
public sealed class NamespaceCluster : IDisposable
{
    private readonly Folder state = new();

    public NamespaceCluster()
    {
        if (Surroundings.LackForNamespaces is not null) return;
        Script = new("namespaces.sh", state.Path, ("CLUSTER_NODES", "2"), ("CLUSTER_CPUS", "1"), ("CLUSTER_NAME", $"allo{Environment.ProcessId}"));
        Script.Choose();
        Script.Run("up");
    }

    public Script? Script { get; }

    public void Dispose()
    {
        Script?.Run("down");
        state.Dispose();
    }
}
