using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>One metric of a model on a split, beside what always saying train's most frequent target would score.</summary>
public sealed record MetricScore(string Metric, double Value, double Majority);

/// <summary>What a model said for one example; where labels were ranked, the log-probability of each, in class order.</summary>
public sealed record Prediction(TextExample Example, string Text, IReadOnlyList<double>? LogProbabilities = null);

/// <summary>A model on a split of a task.</summary>
public sealed record TaskResult(string Task, Split Split, IReadOnlyList<MetricScore> Scores, IReadOnlyList<Prediction> Predictions)
{
    public int Examples => Predictions.Count;

    /// <summary>The score to compare by: the task's first metric.</summary>
    public MetricScore Primary => Scores[0];

    /// <summary>Accuracy of guessing, 1 / number of labels; null for free text.</summary>
    public double? Chance { get; init; }

    /// <summary>Share of predictions that are no label word; null for free text, 0 where labels are ranked.</summary>
    public double? OutOfLabels { get; init; }

    /// <summary>Share of examples whose input or target lost its end.</summary>
    public double Truncated { get; init; }

    public double Seconds { get; init; }
}
