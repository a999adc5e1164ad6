namespace Allometry.Experiments;

/// <summary>What a run has to do, by arithmetic alone.</summary>
/// <param name="StepFlops">One optimiser step: forward and backward of its whole batch.</param>
/// <param name="ForwardFlops">One forward pass of a step's batch.</param>
/// <param name="TokensPerStep">Positions of one step, inputs and targets, padding included: what a budget in tokens counts.</param>
public sealed record Workload(
    long Parameters, long NonEmbeddingParameters, long Steps, double StepFlops, double ForwardFlops, double TokensPerStep, WorkloadExtras Extras)
{
    public double TrainingFlops => Steps * StepFlops;

    public double Tokens => Steps * TokensPerStep;

    public double MemoryBytes => Extras.MemoryBytes;
}

/// <summary>What a run costs beside the FLOPs of its steps.</summary>
/// <param name="MemoryBytes">What the process has at most; 0 where nothing is known.</param>
/// <param name="ActivationBytes">What one step writes on its way forward: what element-wise work grows with.</param>
/// <param name="Layers">Layers of all stacks: what the fixed cost of a step grows with.</param>
/// <param name="EvaluationFlops">Forward passes of all validations.</param>
public sealed record WorkloadExtras(double MemoryBytes, double ActivationBytes, int Layers, double EvaluationFlops);
