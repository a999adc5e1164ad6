using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>The share of predictions equal to the target, character by character; anything else, also a text that is no label, is wrong.</summary>
[Kind("accuracy")]
public sealed record Accuracy : Metric
{
    public override double Score(Answers answers) =>
        answers.MeanOfBest((prediction, reference) => string.Equals(prediction, reference, StringComparison.Ordinal) ? 1 : 0);
}
