using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>
/// F1 of one class against the rest. A prediction that is no label counts as the wrong one of the two, whatever the target
/// (T5's f1_score_with_invalid).
/// </summary>
[Kind("f1")]
public sealed record F1([Description("The label word whose F1 is meant; left out, the second label.")] string? Positive = null) : Metric
{
    public override bool NeedsLabels => true;

    public override double Score(Answers answers)
    {
        var words = answers.ClassWords();
        var positive = Positive is null ? 1 : words.ToList().IndexOf(Positive);
        var pairs = answers.Classes().Select(p => (Said: p.Prediction == positive || (p.Prediction < 0 && p.Target != positive), Is: p.Target == positive)).ToList();
        var named = pairs.Count(p => p.Said) + pairs.Count(p => p.Is);
        return named == 0 ? 0 : 2.0 * pairs.Count(p => p.Said && p.Is) / named;
    }
}
