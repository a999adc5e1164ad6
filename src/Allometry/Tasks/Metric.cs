using System.Reflection;
using Allometry.Kinds;

namespace Allometry.Tasks;

/// <summary>
/// A score of predicted texts, larger is better: a fraction in [0, 1], or a correlation in [-1, 1].
/// Where a score is not defined (no examples, one class only, a constant prediction) it is 0.
/// </summary>
public abstract record Metric
{
    /// <summary>The score of all answers of a split together.</summary>
    public abstract double Score(Answers answers);

    /// <summary>Its kind: the name of the score in results.</summary>
    public string Name => GetType().GetCustomAttribute<KindAttribute>()?.Name ?? GetType().Name;

    /// <summary>True where the metric counts classes, so that the task must name its labels.</summary>
    public virtual bool NeedsLabels => false;

    /// <summary>The columns of the table that it looks at beside the answers: <see cref="Answers.Column"/>.</summary>
    public virtual IEnumerable<string> Columns => [];

    public double Score(IReadOnlyList<string> predictions, IReadOnlyList<string> targets, IReadOnlyList<string>? labels = null) =>
        Score(Answers.Of(predictions, targets, labels));
}
