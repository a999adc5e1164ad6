using Allometry.Costs;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>What a run has to do, by arithmetic alone.</summary>
/// <param name="StepFlops">One optimiser step: forward and backward of its whole batch.</param>
/// <param name="ForwardFlops">One forward pass of a step's batch.</param>
/// <param name="TokensPerStep">Input positions of one step, padding included, as T5 counts.</param>
public sealed record Workload(
    long Parameters, long NonEmbeddingParameters, long Steps, double StepFlops, double ForwardFlops, double TokensPerStep, WorkloadExtras Extras)
{
    public double TrainingFlops => Steps * StepFlops;

    public double Tokens => Steps * TokensPerStep;

    public double MemoryBytes => Extras.MemoryBytes;

    /// <summary>A run that trains with steps of <paramref name="setting"/>, each computed in <paramref name="parts"/>.</summary>
    public static Workload Of(Run run, Setting setting, int parts, Optimizer optimizer, Budget budget)
    {
        var sheet = run.Architecture.Count(run.Shape, setting);
        var part = run.Architecture.Count(run.Shape, setting with { Batch = Math.Max(1, setting.Batch / parts) });
        var tokens = (double)setting.Batch * setting.InputLength;
        // Weights and gradients in float32, the optimiser's state, and the activations of one part.
        var memory = (8.0 * sheet.Parameters) + optimizer.StateBytes(sheet.Weights) + part.ActivationBytes;
        return new(
            sheet.Parameters, sheet.NonEmbeddingParameters, budget.InSteps((long)tokens, sheet.TrainingFlops, sheet.Parameters), sheet.TrainingFlops, sheet.ForwardFlops, tokens,
            new(memory, sheet.ActivationBytes, run.Shape.EncoderLayers + run.Shape.DecoderLayers, 0));
    }
}

/// <summary>What a run costs beside the FLOPs of its steps.</summary>
/// <param name="MemoryBytes">Weights, gradients, optimiser state and activations.</param>
/// <param name="ActivationBytes">What one step writes on its way forward: what element-wise work grows with.</param>
/// <param name="Layers">Layers of all stacks: what the fixed cost of a step grows with.</param>
/// <param name="EvaluationFlops">Forward passes of all validations.</param>
public sealed record WorkloadExtras(double MemoryBytes, double ActivationBytes, int Layers, double EvaluationFlops);
