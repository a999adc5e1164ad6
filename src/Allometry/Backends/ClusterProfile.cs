using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Experiments;

namespace Allometry.Backends;

/// <summary>What a person says once about the machines that their runs go to, in a file of its own: it changes no number.</summary>
public abstract record ClusterProfile
{
    [Description("Cores of a run, or of each of its ranks; as many as its threads where left out."), Range(1, 1024)]
    public int? Cores { get; init; }

    [Description("Bytes of memory of a run, or of each of its ranks, such as 4G; a quarter more than predicted where left out."), Range(1e8, 1e13)]
    public double? Memory { get; init; }

    [Description("Time limit of a run: at its end it saves, waits again and goes on. Twice what is predicted and ten minutes where left out.")]
    public TimeSpan? Time { get; init; }

    [Description("Nodes that a plan counts with."), Range(1, 100_000)]
    public int Nodes { get; init; } = 1;

    [Description("Cores of a node, for a plan."), Range(1, 1024)]
    public int NodeCores { get; init; } = 64;

    [Description("Bytes of memory of a node, for a plan; not counted where left out.")]
    public double? NodeMemory { get; init; }

    [Description("How often the scheduler is asked how the runs stand.")]
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(15);

    [Description("How often a run is tried again that ended without a word and without getting further."), Range(1, 1000)]
    public int Tries { get; init; } = 3;

    /// <summary>Speaks to the scheduler; <paramref name="worker"/> is the command that starts this program as a worker.</summary>
    public abstract Launcher Launcher(IReadOnlyList<string> worker);

    /// <summary>What a run gets.</summary>
    public Resources ResourcesOf(PlannedRun run, Pace? pace) => new(
        Cores ?? run.Threads,
        Memory is { } bytes ? (long)Math.Ceiling(bytes / (1 << 20)) : Rounded(1.25 * run.PeakBytes / (1 << 20)),
        Time is { } limit ? (int)Math.Ceiling(limit.TotalMinutes) : pace is null ? null : (int)Rounded(10 + (2 * pace.OwnSeconds(run) / 60)),
        run.Ranks);

    /// <summary>What all nodes of a plan have for runs of so many ranks.</summary>
    public Room RoomFor(int ranks) => new(Cores is { } own ? Math.Max(1, Nodes * (NodeCores / own) / ranks) : int.MaxValue, Nodes * NodeCores, NodeMemory is { } bytes ? Nodes * bytes : double.PositiveInfinity);

    /// <summary>Up to the next of the steps 1, 1.25, 1.5, 1.75, 2, 2.5, ... so that runs of similar size go into one array.</summary>
    private static long Rounded(double value)
    {
        var step = Math.Pow(2, Math.Max(0, Math.Floor(Math.Log2(value)) - 2));
        return (long)(Math.Ceiling(value / step) * step);
    }
}
