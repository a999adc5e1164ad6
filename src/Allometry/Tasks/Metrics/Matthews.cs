using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>
/// Matthews correlation of any number of classes; predictions that are no label form a class of their own (scikit-learn's definition on T5's -1).
/// With s examples, c correct, t and p the true and predicted counts of a class: (c s - sum t p) / sqrt((s^2 - sum p^2)(s^2 - sum t^2)).
/// </summary>
[Kind("matthews")]
public sealed record Matthews : Metric
{
    public override bool NeedsLabels => true;

    public override double Score(Answers answers)
    {
        var pairs = answers.Classes();
        double samples = pairs.Length, correct = pairs.Count(p => p.Prediction == p.Target);
        double both = 0, predictions = 0, targets = 0;
        for (var @class = -1; @class < answers.ClassWords().Count; @class++)
        {
            double predicted = pairs.Count(p => p.Prediction == @class), actual = pairs.Count(p => p.Target == @class);
            both += predicted * actual;
            predictions += predicted * predicted;
            targets += actual * actual;
        }

        var root = Math.Sqrt(((samples * samples) - predictions) * ((samples * samples) - targets));
        return root == 0 ? 0 : ((correct * samples) - both) / root;
    }
}
