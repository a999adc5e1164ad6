using Allometry.Backends;
using Allometry.Cli.Verbs;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Native;
using Allometry.Store;

namespace Allometry.Cli;

/// <summary>What this machine was measured to do, kept with a study and, for a quarter of an hour, between studies.</summary>
public static class Paces
{
    // What else a machine does changes soon: measured beside other work, times are foretold several times too long. Within a study the first measurement stays, since predictions are held to it.
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(15);

    /// <summary>Bytes of a process that measures: libtorch and two small models.</summary>
    private const double OwnBytes = 0.4 * (1L << 30);

    /// <summary>What is known without libtorch: an earlier measurement, or null.</summary>
    public static MachinePace? Known(Plan plan, StudyStore? store) => Valid(MachinePace.FromJson(store?.Fact("calibration")), plan, TimeSpan.MaxValue) ?? Valid(Kept(plan), plan, Lasting);

    /// <summary>What is known, or measured now and kept.</summary>
    public static MachinePace Measured(Plan plan, StudyStore store, Watcher watcher)
    {
        var pace = Known(plan, store) ?? Measure(plan, watcher);
        store.SetFact("calibration", pace.ToJson());
        return pace;
    }

    public static string Words(Pace pace) => pace.Measured
        ? $"Times are predicted from a measurement of this machine: {Figures.Short(pace.ProductFlops)} FLOP/s in matrix products of one run."
        : $"Times are predicted for an assumed {Figures.Short(pace.ProductFlops)} FLOP/s in matrix products: this machine could not be measured.";

    /// <summary>Measured now, in processes as runs are, and kept for a while.</summary>
    public static MachinePace Measure(Plan plan, Watcher watcher)
    {
        watcher.Preparing("measuring this machine", null);
        var most = (int)Math.Clamp(Machine.FreeMemory() / OwnBytes, 1, Math.Max(1, Machine.This.Cores / Threads(plan)));
        var pace = new MachinePace(KeyOf(plan), Threads(plan), DateTimeOffset.UtcNow, PaceWorkers.Measure(WorkerVerb.StartMeasuring, Threads(plan), MachinePace.Candidates(most)));
        AtomicFile.WriteText(FileOf(plan), pace.ToJson());
        return pace;
    }

    private static MachinePace? Kept(Plan plan)
    {
        try { return File.Exists(FileOf(plan)) ? MachinePace.FromJson(File.ReadAllText(FileOf(plan))) : null; }
        catch (IOException) { return null; }
    }

    private static MachinePace? Valid(MachinePace? pace, Plan plan, TimeSpan lasting) =>
        pace is { Paces.Count: > 0 } && pace.Key == KeyOf(plan) && DateTimeOffset.UtcNow - pace.Taken < lasting ? pace : null;

    private static int Threads(Plan plan) => plan.Runs.Select(run => run.Threads).DefaultIfEmpty(1).Min();

    private static string KeyOf(Plan plan) => Kinds.Canonical.Hash(new MachineKey(Machine.This.Processor, Machine.This.Cores, Threads(plan), ProductPath.Fast, Machine.This.Version, Machine.This.Commit));

    private static string FileOf(Plan plan) => Path.Combine(CacheFolder.Path, $"pace-{KeyOf(plan)}.json");

    private sealed record MachineKey(string Processor, int Cores, int Threads, bool FastProducts, string Version, string Commit);
}
