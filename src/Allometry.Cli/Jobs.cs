using Allometry.Experiments;

namespace Allometry.Cli;

/// <summary>How many runs go side by side on this machine, and how fast each then is.</summary>
public sealed record Jobs(Room Room, Pace Pace)
{
    /// <summary>Left to the operating system and to what predictions miss.</summary>
    private const double MemoryShare = 0.9;

    /// <summary>As many as asked for, or as many as measurement says are best (one to a core where nothing was measured, one to a device); never more than the memory holds.</summary>
    public static Jobs For(int? asked, Plan plan, MachinePace? measured)
    {
        var memory = MemoryShare * Machine.FreeMemory();
        var room = asked is { } jobs ? new Room(jobs, Memory: memory)
            : plan.Runs.Any(run => run.Run.Numbers.Numerics.Device != "cpu") ? new Room(1, Memory: memory)
            : new Room(int.MaxValue, Best(plan, measured), memory);
        var beside = asked ?? Math.Max(1, room.Threads / (measured?.Threads ?? 1));
        return new(room, measured?.At(Math.Min(beside, plan.Runs.Count)) ?? Pace.Assumed(1));
    }

    /// <summary>Threads of all runs side by side.</summary>
    private static int Best(Plan plan, MachinePace? measured) => measured is null || plan.Runs.Count == 0
        ? Environment.ProcessorCount
        : Math.Max(measured.Threads * measured.BestJobs(Middle(plan, measured).Workload), measured.Threads);

    /// <summary>The run in the middle of all, by how long they take.</summary>
    private static PlannedRun Middle(Plan plan, MachinePace measured) => plan.Runs.OrderBy(measured.At(1).Seconds).ElementAt(plan.Runs.Count / 2);
}
