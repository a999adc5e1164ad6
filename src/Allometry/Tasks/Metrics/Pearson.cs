using Allometry.Kinds;
using MathNet.Numerics.Statistics;

namespace Allometry.Tasks.Metrics;

/// <summary>Linear correlation of texts read as numbers; a text that is no number counts as -1, as in T5.</summary>
[Kind("pearson")]
public sealed record Pearson : Metric
{
    public override double Score(Answers answers) => Numbers.Correlate(answers, Correlation.Pearson);
}
