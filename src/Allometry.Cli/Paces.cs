using Allometry.Experiments;
using Allometry.Files;
using Allometry.Native;

namespace Allometry.Cli;

/// <summary>The pace of this machine, kept between studies.</summary>
public static class Paces
{
    /// <summary>What is known without libtorch: an earlier measurement, or an assumption.</summary>
    public static Pace Known(Plan plan) => Kept(plan) ?? Pace.Assumed(Threads(plan));

    /// <summary>Measured now, since it changes with what else the machine does, and kept for the plans to come.</summary>
    public static Pace Measured(Plan plan, Watcher watcher)
    {
        watcher.Preparing("measuring this machine", null);
        var pace = Calibration.Measure(Threads(plan));
        AtomicFile.WriteText(FileOf(plan), pace.ToJson());
        return pace;
    }

    public static string Words(Pace pace) => pace.Measured
        ? $"Times are predicted from a measurement of this machine: {Figures.Short(pace.ProductFlops)} FLOP/s in matrix products."
        : $"Times are predicted for an assumed {Figures.Short(pace.ProductFlops)} FLOP/s in matrix products; `run` measures this machine first.";

    private static Pace? Kept(Plan plan)
    {
        try { return File.Exists(FileOf(plan)) ? Pace.FromJson(File.ReadAllText(FileOf(plan))) : null; }
        catch (Exception error) when (error is IOException or System.Text.Json.JsonException) { return null; }
    }

    private static int Threads(Plan plan) => plan.Runs.Count > 0 ? plan.Runs[0].Run.Numbers.Numerics.Threads : Environment.ProcessorCount;

    private static string FileOf(Plan plan) =>
        Path.Combine(CacheFolder.Path, $"pace-{Kinds.Canonical.Hash(new MachineKey(Machine.This.Processor, Machine.This.Cores, Threads(plan), ProductPath.Fast))}.json");

    private sealed record MachineKey(string Processor, int Cores, int Threads, bool FastProducts);
}
