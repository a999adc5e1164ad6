using Allometry.Models;
using Allometry.Ranks;

namespace Allometry.Training;

/// <summary>How a model is trained.</summary>
/// <param name="Optimizer">What gradients do to parameters.</param>
/// <param name="LearningRate">The highest rate of the run; the schedule gives its course.</param>
/// <param name="Schedule">The course of the rate.</param>
/// <param name="Accumulate">Parts into which each batch is cut to save memory; the result is that of the whole batch.</param>
/// <param name="Clip">Gradients whose global norm is larger are scaled down to it; 0 never.</param>
/// <param name="Loss">What the loss has beside cross-entropy.</param>
/// <param name="MostPadding">Batches of which more than this share would be padding are computed in parts of like length; 1 never does.</param>
public sealed record TrainingOptions(Optimizer Optimizer, double LearningRate, Schedule Schedule, int Accumulate = 1, double Clip = 0, LossOptions? Loss = null, double MostPadding = TrainingOptions.UsualPadding)
{
    internal const double UsualPadding = 0.05;

    /// <summary>Who trains together: each takes its share of every batch, and the step is that of the whole batch.</summary>
    public Peers Peers { get; init; } = Peers.Alone;

    /// <summary>Steps, from 1 on, of which what layers observe is wanted (<see cref="TrainingStep.Layers"/>): it costs a hundredth of a step of experts.</summary>
    public Func<long, bool> Observes { get; init; } = _ => true;
}
