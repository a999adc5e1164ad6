using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Tasks;

namespace Allometry.Stranger.Tests;

/// <summary>The share of predictions that begin as the target does.</summary>
[Kind("first-letter"), Description("The share of predictions that begin as the target does.")]
public sealed record FirstLetter : Metric
{
    public override double Score(Answers answers) =>
        answers.MeanOfBest((prediction, reference) => prediction.Take(1).SequenceEqual(reference.Take(1)) ? 1 : 0);
}
