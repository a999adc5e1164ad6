using Allometry.Experiments;

namespace Allometry.Cli;

/// <summary>How many runs go side by side on this machine.</summary>
public static class Jobs
{
    /// <summary>Left to the operating system and to what predictions miss.</summary>
    private const double MemoryShare = 0.9;

    /// <summary>As many as asked for, or as many as the cores take; never more than the memory holds.</summary>
    public static Room Room(int? asked, Plan plan) => new(
        asked ?? (plan.Runs.Any(run => run.Run.Numbers.Numerics.Device != "cpu") ? 1 : int.MaxValue),
        asked is null ? Environment.ProcessorCount : int.MaxValue,
        MemoryShare * Machine.FreeMemory());
}
