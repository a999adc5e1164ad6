using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>The share of groups in which every prediction equals its target: MultiRC's exact match, a group being the answers to one question.</summary>
[Kind("group-match")]
public sealed record GroupMatch([Description("The column that is the same in all rows of a group.")] string Group) : Metric
{
    public override IEnumerable<string> Columns => [Group];

    public override double Score(Answers answers) => answers.Column(Group)
        .Zip(answers.Predictions.Zip(answers.Targets, (prediction, target) => string.Equals(prediction, target, StringComparison.Ordinal)))
        .GroupBy(row => row.First, row => row.Second, StringComparer.Ordinal)
        .Select(group => group.All(right => right) ? 1.0 : 0.0)
        .DefaultIfEmpty(0).Average();
}
