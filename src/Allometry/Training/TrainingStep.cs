namespace Allometry.Training;

/// <summary>What one optimiser step did.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="Loss">Mean cross-entropy of a target token before the update, in nats.</param>
/// <param name="GradientNorm">Global norm of the mean gradient, before clipping.</param>
/// <param name="LearningRate">The rate that was used.</param>
/// <param name="Tokens">Tokens of the batch, inputs and targets, without padding.</param>
/// <param name="Positions">Tokens that were computed, padding included.</param>
/// <param name="Times">Wall-clock time.</param>
public sealed record TrainingStep(long Step, double Loss, double GradientNorm, double LearningRate, long Tokens, long Positions, StepTimes Times)
{
    public double Seconds => Times.Total;

    /// <summary>What layers observed, such as <c>encoder.3/entropy</c>, over the parts of the batch.</summary>
    public IReadOnlyDictionary<string, double> Layers { get; init; } = new Dictionary<string, double>();
}

/// <summary>Where a step's seconds went: the model forward to its loss, backward to the gradients, the change of the parameters, and all of it with the making of the batch.</summary>
public readonly record struct StepTimes(double Forward, double Backward, double Update, double Total);
