using System.Text.Json;

namespace Allometry.Experiments;

/// <summary>
/// How fast a machine trains: products at <paramref name="ProductFlops"/> a second, element-wise work at <paramref name="BytesPerSecond"/>,
/// a fixed time a layer for starting operations, and a fixed time a run before its first step. A simple model: what it misses shows in the report, predicted beside measured.
/// </summary>
/// <param name="Measured">False where the numbers are an assumption.</param>
/// <param name="Threads">Threads that it holds for.</param>
/// <param name="StartSeconds">Of a run before its first step, and for what that step compiles.</param>
public sealed record Pace(double ProductFlops, double BytesPerSecond, double LayerSeconds, bool Measured = true, int Threads = 1, double StartSeconds = 0)
{
    /// <summary>Of a weight in a step: what 21 models took (docs/measured/time.md).</summary>
    private const double WeightBytes = 8;

    /// <summary>Forward is a third of a step's passes: backward is twice as much.</summary>
    private const double ForwardShare = 1.0 / 3;

    /// <summary>
    /// Used where nothing was measured: a core of the machine of docs/measured/time.md, which is no promise for another one.
    /// </summary>
    public static Pace Assumed(int threads) => new(250e9 * threads, 4.3e9 * threads, 1.2e-4, Measured: false, threads, StartSeconds: 0.5);

    /// <summary>The pace whose times are the mean of the times of these.</summary>
    public static Pace Mean(IReadOnlyList<Pace> paces) => paces[0] with
    {
        ProductFlops = 1 / paces.Average(pace => 1 / pace.ProductFlops),
        BytesPerSecond = 1 / paces.Average(pace => 1 / pace.BytesPerSecond),
        LayerSeconds = paces.Average(pace => pace.LayerSeconds),
        StartSeconds = paces.Average(pace => pace.StartSeconds),
    };

    /// <summary>Seconds of a run; with other threads than were measured products and element-wise work are taken to be faster in proportion, and so with several ranks, whose messages are not counted.</summary>
    public double Seconds(PlannedRun run)
    {
        var times = (double)run.Threads * run.Run.Numbers.Numerics.Ranks / Threads;
        return (this with { ProductFlops = times * ProductFlops, BytesPerSecond = times * BytesPerSecond }).Seconds(run.Workload);
    }

    /// <summary>Seconds of what a run does itself.</summary>
    public double OwnSeconds(PlannedRun run) => run.OwnShare * Seconds(run);

    public double Seconds(Workload load)
    {
        var extras = load.Extras;
        var scoring = extras.Seen is { } seen ? Forward(load, seen.ScoringFlops) + (seen.ScoringPasses * extras.Layers * LayerSeconds * ForwardShare) : 0;
        return StartSeconds + (load.Steps * StepSeconds(load)) + ((extras.EvaluationFlops + extras.PreparationFlops) / ProductFlops * StepSeconds(load) / ProductSeconds(load)) + scoring;
    }

    private double StepSeconds(Workload load) => ProductSeconds(load) + (Traffic(load) / BytesPerSecond) + ((load.Extras.Seen?.Passes ?? 1) * load.Extras.Layers * LayerSeconds);

    private double ProductSeconds(Workload load) => Math.Max(1, load.Extras.Seen?.StepFlops ?? load.StepFlops) / ProductFlops;

    /// <summary>Forward passes of so many FLOPs: their products, and element-wise work in the proportion of a step, weights left out.</summary>
    private double Forward(Workload load, double flops) => flops / ProductFlops * (1 + (ActivationTraffic(load) / BytesPerSecond / ProductSeconds(load)));

    /// <summary>Bytes of element-wise work in a step: activations there and back, and weights, gradients and optimiser states.</summary>
    public static double Traffic(Workload load) => ActivationTraffic(load) + (WeightBytes * load.Parameters);

    private static double ActivationTraffic(Workload load) => 2 * (load.Extras.Seen?.ActivationBytes ?? load.Extras.ActivationBytes);

    public string ToJson() => JsonSerializer.Serialize(this);

    public static Pace? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<Pace>(json);
}
