using Allometry.Backends;
using Allometry.Cli.Verbs;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
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
    public static MachinePace? Known(Plan plan, StudyStore? store) => Valid(MachinePace.FromJson(store?.Fact("calibration")), Threads(plan), TimeSpan.MaxValue) ?? Kept(Threads(plan));

    /// <summary>The latest measurement that is kept, whatever the threads of a run; null where none is fresh.</summary>
    public static MachinePace? Latest() => Enumerable.Range(1, Machine.This.Cores).Select(Kept).OfType<MachinePace>().MaxBy(pace => pace.Taken);

    /// <summary>What is known, or measured now and kept.</summary>
    public static MachinePace Measured(Plan plan, StudyStore store, Watcher watcher)
    {
        var pace = Known(plan, store) ?? Measure(Threads(plan), watcher);
        store.SetFact("calibration", pace.ToJson());
        return pace;
    }

    public static string Words(Pace pace) => pace.Measured
        ? $"Times are predicted from a measurement of this machine: {Figures.Short(pace.ProductFlops)} FLOP/s in matrix products of one run."
        : $"Times are predicted for an assumed {Figures.Short(pace.ProductFlops)} FLOP/s in matrix products: this machine could not be measured.";

    /// <summary>Measured now, in processes as runs are, and kept for a while.</summary>
    private static MachinePace Measure(int threads, Watcher watcher)
    {
        watcher.Preparing("measuring this machine", null);
        var most = (int)Math.Clamp(Machine.FreeMemory() / OwnBytes, 1, Math.Max(1, Machine.This.Cores / threads));
        var pace = new MachinePace(KeyOf(threads), threads, DateTimeOffset.UtcNow, PaceWorkers.Measure(WorkerVerb.StartMeasuring, threads, MachinePace.Candidates(most)));
        AtomicFile.WriteText(FileOf(threads), pace.ToJson());
        return pace;
    }

    /// <summary>The same for a plan whose runs are not made; null where this machine cannot run models: planning needs no libtorch.</summary>
    public static MachinePace? IfMeasurable(Plan plan, StudyStore? store, Watcher watcher) => Known(plan, store) ?? IfMeasurable(Threads(plan), watcher);

    /// <summary>Measured now; null where this machine cannot run models.</summary>
    public static MachinePace? IfMeasurable(int threads, Watcher watcher)
    {
        try { return Measure(threads, watcher); }
        catch (RunFailedException) { return null; }
    }

    private static MachinePace? Kept(int threads)
    {
        try { return File.Exists(FileOf(threads)) ? Valid(MachinePace.FromJson(File.ReadAllText(FileOf(threads))), threads, Lasting) : null; }
        catch (IOException) { return null; }
    }

    private static MachinePace? Valid(MachinePace? pace, int threads, TimeSpan lasting) =>
        pace is { Paces.Count: > 0 } && pace.Key == KeyOf(threads) && DateTimeOffset.UtcNow - pace.Taken < lasting ? pace : null;

    private static int Threads(Plan plan) => plan.Runs.Select(run => run.Threads).DefaultIfEmpty(1).Min();

    private static string KeyOf(int threads) => Canonical.Hash(new MachineKey(Machine.This.Processor, Machine.This.Cores, threads, ProductPath.Fast, Machine.This.Version, Machine.This.Commit));

    private static string FileOf(int threads) => Path.Combine(CacheFolder.Path, $"pace-{KeyOf(threads)}.json");

    private sealed record MachineKey(string Processor, int Cores, int Threads, bool FastProducts, string Version, string Commit);
}
