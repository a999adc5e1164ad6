using System.Text.Json;

namespace Allometry.Experiments;

/// <summary>
/// How fast a machine trains: products at <paramref name="ProductFlops"/> a second, element-wise work at <paramref name="BytesPerSecond"/>,
/// and a fixed time a layer for starting operations. A simple model: what it misses shows in the report, predicted beside measured.
/// </summary>
/// <param name="Measured">False where the numbers are an assumption.</param>
/// <param name="Threads">Threads that it holds for.</param>
public sealed record Pace(double ProductFlops, double BytesPerSecond, double LayerSeconds, bool Measured = true, int Threads = 1)
{
    /// <summary>
    /// Used where nothing was measured: a core of the machine of docs/measured, which is no promise for another one.
    /// </summary>
    public static Pace Assumed(int threads) => new(60e9 * threads, 4e9, 1e-3, Measured: false, threads);

    /// <summary>The pace whose times are the mean of the times of these.</summary>
    public static Pace Mean(IReadOnlyList<Pace> paces) => paces[0] with
    {
        ProductFlops = 1 / paces.Average(pace => 1 / pace.ProductFlops),
        BytesPerSecond = 1 / paces.Average(pace => 1 / pace.BytesPerSecond),
        LayerSeconds = paces.Average(pace => pace.LayerSeconds),
    };

    /// <summary>Seconds of a run; with other threads than were measured products and element-wise work are taken to be faster in proportion.</summary>
    public double Seconds(PlannedRun run)
    {
        var times = (double)run.Threads / Threads;
        return (this with { ProductFlops = times * ProductFlops, BytesPerSecond = times * BytesPerSecond }).Seconds(run.Workload);
    }

    /// <summary>Seconds of what a run does itself.</summary>
    public double OwnSeconds(PlannedRun run) => run.OwnShare * Seconds(run);

    public double Seconds(Workload load) => (load.Steps * StepSeconds(load)) + (load.Extras.EvaluationFlops / ProductFlops * StepSeconds(load) / ProductSeconds(load));

    private double StepSeconds(Workload load) => ProductSeconds(load) + (Traffic(load) / BytesPerSecond) + (load.Extras.Layers * LayerSeconds);

    private double ProductSeconds(Workload load) => Math.Max(1, load.StepFlops) / ProductFlops;

    /// <summary>Bytes of element-wise work in a step: activations there and back, and weight, gradient and optimiser state once.</summary>
    public static double Traffic(Workload load) => (2 * load.Extras.ActivationBytes) + (12.0 * load.Parameters);

    public string ToJson() => JsonSerializer.Serialize(this);

    public static Pace? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<Pace>(json);
}
