using Allometry.Kinds;
using MathNet.Numerics.Statistics;

namespace Allometry.Tasks.Metrics;

/// <summary>Rank correlation of texts read as numbers, ties sharing their mean rank; a text that is no number counts as -1, as in T5.</summary>
[Kind("spearman")]
public sealed record Spearman : Metric
{
    public override double Score(Answers answers) => Numbers.Correlate(answers, Correlation.Spearman);
}
