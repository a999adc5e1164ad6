using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Real daemons that come up when the first test wants them and go with the last.</summary>
/// <param name="lack">What stands in their way on this machine; null: nothing.</param>
public abstract class TestCluster(string? lack, string name, params (string Name, string Value)[] settings) : IDisposable
{
    private readonly Folder state = new();
    private Script? script;

    /// <summary>Its commands. Skips the test where something is missing.</summary>
    /// <param name="more">What the test lacks beside the daemons.</param>
    public Script Use(string? more = null)
    {
        Surroundings.Require(lack ?? more);
        if (script is null)
        {
            script = new(name, state.Path, settings);
            script.Run("up");
        }
        return script;
    }

    public void Dispose()
    {
        script?.Run("down");
        state.Dispose();
        GC.SuppressFinalize(this);
    }
}
