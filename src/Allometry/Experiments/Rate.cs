using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>How fast a run goes: over its last seconds for people, over all its steps for the report.</summary>
public sealed class Rate(Workload workload, Pace? pace)
{
    private const double WindowSeconds = 10;

    private readonly Queue<double> window = new();
    private double windowSeconds, allSeconds, loss = double.NaN;
    private long steps, last;

    /// <summary>Tokens a second over all steps of this attempt but the first, which warms up; null before the second.</summary>
    public double? Whole => steps > 0 && allSeconds > 0 ? steps * workload.TokensPerStep / allSeconds : null;

    private double StepsPerSecond => windowSeconds > 0 ? window.Count / windowSeconds : double.NaN;

    public void Add(TrainingStep step)
    {
        (last, loss) = (step.Step, double.IsNaN(loss) ? step.Loss : (0.9 * loss) + (0.1 * step.Loss));
        if (window.Count > 0) (allSeconds, steps) = (allSeconds + step.Seconds, steps + 1);
        window.Enqueue(step.Seconds);
        windowSeconds += step.Seconds;
        while (window.Count > 1 && windowSeconds > WindowSeconds) windowSeconds -= window.Dequeue();
    }

    public RunProgress Progress() => new(
        last, workload.Steps, loss, StepsPerSecond * workload.TokensPerStep, pace is { Measured: true } ? StepsPerSecond * workload.StepFlops / pace.ProductFlops : double.NaN,
        TimeSpan.FromSeconds(double.IsFinite(StepsPerSecond) ? (workload.Steps - last) / StepsPerSecond : 0));
}
