using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>F1 of the words shared with the best reference after SQuAD's normalisation; 0 where nothing is shared, also where both are empty.</summary>
[Kind("token-f1")]
public sealed record TokenF1 : Metric
{
    public override double Score(Answers answers) => answers.MeanOfBest(OfPair);

    private static double OfPair(string prediction, string reference)
    {
        string[] said = SquadText.Words(prediction), right = SquadText.Words(reference);
        var shared = Bag.Shared(said, right);
        return shared == 0 ? 0 : 2.0 * shared / (said.Length + right.Length);
    }
}
