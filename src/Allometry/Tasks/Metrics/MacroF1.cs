using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>The plain mean of every class's F1; a prediction that is no label belongs to no class, an absent class scores 0 (T5's mean_multiclass_f1).</summary>
[Kind("macro-f1")]
public sealed record MacroF1 : Metric
{
    public override bool NeedsLabels => true;

    public override double Score(Answers answers)
    {
        var pairs = answers.Classes();
        return Enumerable.Range(0, answers.ClassWords().Count).Select(@class => OfClass(pairs, @class)).DefaultIfEmpty(0).Average();
    }

    private static double OfClass((int Prediction, int Target)[] pairs, int @class)
    {
        var hits = pairs.Count(p => p.Prediction == @class && p.Target == @class);
        var named = pairs.Count(p => p.Prediction == @class) + pairs.Count(p => p.Target == @class);
        return named == 0 ? 0 : 2.0 * hits / named;
    }
}
