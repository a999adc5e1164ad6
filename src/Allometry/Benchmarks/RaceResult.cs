using Allometry.Training;
using MathNet.Numerics.Statistics;

namespace Allometry.Benchmarks;

/// <summary>One contender's step in each round.</summary>
public sealed record RoundTimes(IReadOnlyList<StepTimes> Rounds)
{
    /// <summary>Median seconds of a step, and of its parts.</summary>
    public StepTimes Median => new(Middle(step => step.Forward), Middle(step => step.Backward), Middle(step => step.Update), Middle(step => step.Total));

    /// <summary>The distance between the quartiles of a step's time, as a share of its median.</summary>
    public double Spread => Rounds.Select(step => step.Total).InterquartileRange() / Median.Total;

    /// <summary>How many times as long as another's: the median of the rounds' ratios, as where the machine is slower for a while it is so for both.</summary>
    public double Over(RoundTimes other) => Rounds.Zip(other.Rounds, (mine, theirs) => mine.Total / theirs.Total).Median();

    private double Middle(Func<StepTimes, double> part) => Rounds.Select(part).Median();
}

/// <summary>What a race showed. <paramref name="Busy"/>: the share of its threads' time in which the process had a processor.</summary>
public sealed record RaceResult(BenchShape Shape, int Threads, RoundTimes Ours, RoundTimes Twin, RoundTimes Limit, double Busy)
{
    private const double LeastBusy = 0.95, MostSpread = 0.1;

    /// <summary>How many times faster than from library operations.</summary>
    public double TwinOverOurs => Twin.Over(Ours);

    /// <summary>The share of a step that its matrix products alone take.</summary>
    public double LimitOverOurs => Limit.Over(Ours);

    /// <summary>Of the time between the plain twin and the limit, the share that is gone.</summary>
    public double GapClosed => (TwinOverOurs - 1) / (TwinOverOurs - LimitOverOurs);

    public double TokensPerSecond => Shape.Tokens / Ours.Median.Total;

    /// <summary>Floating-point operations of the products of a step, a second.</summary>
    public double FlopsPerSecond => Shape.Count().TrainingFlops / Ours.Median.Total;

    /// <summary>Why these numbers should not be trusted; null where nothing speaks against them.</summary>
    public string? Noise => (Busy, Limit.Spread) switch
    {
        ( < LeastBusy, _) => $"other processes took {100 * (1 - Busy):0} % of the processor",
        (_, > MostSpread) => $"the limit itself varied by {100 * Limit.Spread:0} % between rounds",
        _ => null,
    };
}
