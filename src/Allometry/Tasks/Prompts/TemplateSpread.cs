using MathNet.Numerics.Statistics;

namespace Allometry.Tasks.Prompts;

/// <summary>One score of a data set over its templates. Quartiles are interpolated (type 7); of one template the deviation is 0.</summary>
public sealed record TemplateSpread(double Mean, double Median, double LowerQuartile, double UpperQuartile, double Lowest, double Highest, double Deviation)
{
    public static TemplateSpread Of(IReadOnlyCollection<double> scores) => new(
        scores.Mean(), scores.Median(), Quantile(scores, 0.25), Quantile(scores, 0.75), scores.Min(), scores.Max(), scores.Count > 1 ? scores.StandardDeviation() : 0);

    /// <summary>What stands beside the mean, by name.</summary>
    public IEnumerable<(string Name, double Value)> Beside() =>
        [("median", Median), ("lower-quartile", LowerQuartile), ("upper-quartile", UpperQuartile), ("lowest", Lowest), ("highest", Highest), ("deviation", Deviation)];

    private static double Quantile(IReadOnlyCollection<double> scores, double share) => scores.QuantileCustom(share, QuantileDefinition.R7);
}
