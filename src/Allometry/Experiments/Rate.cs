using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>How fast a run goes: over its last seconds for people, over all its steps for the report. Tokens are those that were computed, padding included.</summary>
public sealed class Rate(Workload workload, Pace? pace)
{
    private const double WindowSeconds = 10;

    private readonly Queue<(double Seconds, long Tokens)> window = new();
    private double windowSeconds, allSeconds, loss = double.NaN;
    private long windowTokens, allTokens, steps, last;

    /// <summary>Tokens a second over all steps of this attempt but the first, which warms up; null before the second.</summary>
    public double? TokensPerSecond => allSeconds > 0 ? allTokens / allSeconds : null;

    /// <summary>Steps a second, of the same steps.</summary>
    public double? StepsPerSecond => allSeconds > 0 ? steps / allSeconds : null;

    public void Add(TrainingStep step)
    {
        (last, loss) = (step.Step, double.IsNaN(loss) ? step.Loss : (0.9 * loss) + (0.1 * step.Loss));
        if (window.Count > 0) (allSeconds, allTokens, steps) = (allSeconds + step.Seconds, allTokens + step.Positions, steps + 1);
        window.Enqueue((step.Seconds, step.Positions));
        (windowSeconds, windowTokens) = (windowSeconds + step.Seconds, windowTokens + step.Positions);
        while (window.Count > 1 && windowSeconds > WindowSeconds) Leave(window.Dequeue());
    }

    public RunProgress Progress()
    {
        var stepsPerSecond = windowSeconds > 0 ? window.Count / windowSeconds : double.NaN;
        return new(
            last, workload.Steps, loss, windowSeconds > 0 ? windowTokens / windowSeconds : double.NaN,
            pace is { Measured: true } ? stepsPerSecond * (workload.Extras.Seen?.StepFlops ?? workload.StepFlops) / pace.ProductFlops : double.NaN,
            TimeSpan.FromSeconds(double.IsFinite(stepsPerSecond) ? (workload.Steps - last) / stepsPerSecond : 0));
    }

    private void Leave((double Seconds, long Tokens) step) => (windowSeconds, windowTokens) = (windowSeconds - step.Seconds, windowTokens - step.Tokens);
}
