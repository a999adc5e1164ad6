using Allometry.Analysis.Laws;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace Allometry.Analysis;

/// <summary>One quantity over seeds. Values that are not finite are left out; of none there is no spread.</summary>
/// <param name="StandardDeviation">Of the sample (n - 1); null with one seed, which knows nothing of its own noise.</param>
public sealed record Spread(double Mean, double Min, double Max, double? StandardDeviation, int Count)
{
    public static Spread? Of(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? null : new(finite.Mean(), finite.Min(), finite.Max(), Deviation(finite), finite.Length);
    }

    /// <summary>Where the mean of ever more seeds would lie, by Student's distribution; null with one seed.</summary>
    public Interval? OfMean() => StandardDeviation is not { } deviation
        ? null
        : StudentT.InvCDF(0, 1, Count - 1, (1 + Interval.Confidence) / 2) * deviation / Math.Sqrt(Count) is var half ? new(Mean - half, Mean + half) : null;

    private static double? Deviation(double[] values) => values.Length < 2 ? null : values.StandardDeviation();
}
