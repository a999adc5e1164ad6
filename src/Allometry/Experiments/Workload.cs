namespace Allometry.Experiments;

/// <summary>What a run has to do, by arithmetic alone.</summary>
/// <param name="StepFlops">One optimiser step: forward and backward of its whole batch.</param>
/// <param name="ForwardFlops">One forward pass of a step's batch.</param>
/// <param name="TokensPerStep">Positions of one step, inputs and targets, padding included: what a budget in tokens counts.</param>
public sealed record Workload(
    long Parameters, long NonEmbeddingParameters, long Steps, double StepFlops, double ForwardFlops, double TokensPerStep, WorkloadExtras Extras)
{
    /// <summary>Parameters that one token uses: all but those of the experts that it does not go to.</summary>
    public long ActiveParameters { get => active ?? Parameters; init => active = value; }

    private readonly long? active;

    /// <summary>Of the whole run: all its steps, and what comes before the first.</summary>
    public double TrainingFlops => (Steps * StepFlops) + Extras.PreparationFlops;

    public double Tokens => Steps * TokensPerStep;

    public double MemoryBytes => Extras.MemoryBytes;
}

/// <summary>What a run costs beside the FLOPs of its steps.</summary>
/// <param name="MemoryBytes">What the process has at most; 0 where nothing is known.</param>
/// <param name="ActivationBytes">What one step writes on its way forward: what element-wise work grows with.</param>
/// <param name="Layers">Layers of all stacks: what the fixed cost of a step grows with.</param>
/// <param name="EvaluationFlops">Forward passes of all validations.</param>
public sealed record WorkloadExtras(double MemoryBytes, double ActivationBytes, int Layers, double EvaluationFlops)
{
    /// <summary>What a look at the data adds; null where steps are as counted and nothing is scored.</summary>
    public WorkloadSeen? Seen { get; init; }

    /// <summary>Floating-point operations that a run spends before its first step, such as a growth that learns.</summary>
    public double PreparationFlops { get; init; }
}

/// <summary>What a run's data let its steps and its scoring take: what is counted at the longest lengths is only the most that it could be.</summary>
/// <param name="StepFlops">One optimiser step at the mean lengths of its batches.</param>
/// <param name="ActivationBytes">What such a step writes on its way forward.</param>
/// <param name="Passes">How often a step goes through the layers: batches of much padding are computed in parts; with dropout each counts several times.</param>
/// <param name="ScoringFlops">Forward passes of all scoring.</param>
/// <param name="ScoringPasses">How often scoring goes through the layers.</param>
public sealed record WorkloadSeen(double StepFlops, double ActivationBytes, double Passes, double ScoringFlops, double ScoringPasses);
