using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Ranks;

namespace Allometry.Cli;

/// <summary>This process as one of those that compute a recipe's runs together.</summary>
public static class Team
{
    /// <summary>
    /// Does what the first of them does, or follows it. A process that ends by an error takes no leave: what has started them ends the others. A stop is agreed on, and all take leave after the first has saved.
    /// </summary>
    public static int Run(string recipe, Func<Peers, int> lead)
    {
        if (Reader.ReadFile<Recipe>(recipe).Ranks is not { } ranks || ranks == 1) return lead(Peers.Alone);
        var peers = MpiPeers.Join(ranks);
        try
        {
            var code = peers.IsFirst ? lead(peers) : Follow(peers);
            peers.Dispose();
            return code;
        }
        catch (OperationCanceledException)
        {
            peers.Dispose();
            throw;
        }
    }

    private static int Follow(Peers peers)
    {
        using var stop = new StopSignal();
        Together.Follow(peers, stop.Token);
        return CommandLine.Success;
    }
}
