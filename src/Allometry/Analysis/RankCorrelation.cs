using Allometry.Analysis.Laws;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace Allometry.Analysis;

/// <summary>Spearman's rank correlation of two numbers over several things.</summary>
/// <param name="Interval">Null of fewer than four, which leave no freedom.</param>
/// <param name="Count">How many things.</param>
public sealed record RankCorrelation(double Value, Interval? Interval, int Count)
{
    /// <summary>Null of fewer than three, and where all have one of the numbers alike.</summary>
    public static RankCorrelation? Of(IReadOnlyList<(double X, double Y)> pairs)
    {
        if (pairs.Count < 3) return null;
        var value = Correlation.Spearman(pairs.Select(pair => pair.X), pairs.Select(pair => pair.Y));
        return double.IsFinite(value) ? new(value, pairs.Count < 4 ? null : IntervalOf(value, pairs.Count), pairs.Count) : null;
    }

    /// <summary>
    /// Fisher's transformation with the variance of Bonett and Wright (2000), Psychometrika 65, 23-28: (1 + r²/2) / (n - 3).
    /// A perfect order of few things is no perfect correlation: it stands for what lies half a step of the coefficient below.
    /// </summary>
    private static Interval IntervalOf(double value, int count)
    {
        var step = 12.0 / (count * ((double)count * count - 1)); // the least by which the coefficient can change: two neighbours swapped
        var inner = Math.Clamp(value, -1 + (step / 2), 1 - (step / 2));
        var half = Normal.InvCDF(0, 1, (1 + Interval.Confidence) / 2) * Math.Sqrt((1 + (inner * inner / 2)) / (count - 3));
        var (low, high) = (Math.Tanh(Math.Atanh(inner) - half), Math.Tanh(Math.Atanh(inner) + half));
        return new(Math.Min(low, value), Math.Max(high, value));
    }
}
