using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>The share of predictions that equal a reference after SQuAD's normalisation.</summary>
[Kind("exact-match")]
public sealed record ExactMatch : Metric
{
    public override double Score(Answers answers) =>
        answers.MeanOfBest((prediction, reference) => SquadText.Words(prediction).AsSpan().SequenceEqual(SquadText.Words(reference)) ? 1 : 0);
}
