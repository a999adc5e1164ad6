using MathNet.Numerics.Statistics;

namespace Allometry.Analysis.Laws;

/// <summary>Where something lies with a confidence of 95 %.</summary>
public sealed record Interval(double Low, double High)
{
    public const double Confidence = 0.95;

    /// <summary>The middle 95 % of draws; null of fewer than twenty, whose ends say nothing.</summary>
    public static Interval? Of(IEnumerable<double> draws)
    {
        var finite = draws.Where(double.IsFinite).ToArray();
        return finite.Length < 20 ? null : new(finite.Quantile((1 - Confidence) / 2), finite.Quantile((1 + Confidence) / 2));
    }

    public bool Holds(double value) => value >= Low && value <= High;
}
