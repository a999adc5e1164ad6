using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>
/// The memory that the process of a run is predicted to have at most. What is kept is counted piece by piece; how much more a process takes was fitted to processes measured
/// one by one (docs/measured/memory.md).
/// </summary>
internal static class PeakMemory
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Runtime, libtorch, compiled code, tokenizer, store: what a run of next to nothing takes.</summary>
    public const double OfProcess = 265 * Mebibyte;

    // Autograd makes a second output of each kernel, a fifth of what a sublayer keeps; freed blocks leave gaps.
    private const double Kept = 1.2;

    // A backward pass needs what its piece keeps a few times more: the gradients of all that, and copies in another order.
    private const double AtOnce = 3;

    // Logits, their exponentials and what is chosen of them, where candidates are scored.
    private const double Scored = 2.5;

    /// <summary>
    /// Of training on batches, or on <paramref name="inParts"/> of them, of this setting: weights (in bfloat16 beside them, where products have such operands), the optimiser's state, buffers, and the larger of what is kept
    /// for the backward pass (with the gradient that the loss makes at once, of the largest weight) and the gradients that take its place; those of earlier parts are there beside it.
    /// </summary>
    public static double OfTraining(CostSheet sheet, Shape shape, Setting setting, Optimizer optimizer, Precision precision, bool inParts)
    {
        var (gradients, kept) = (4.0 * sheet.Parameters, (Kept * sheet.ActivationBytes) + (4.0 * sheet.Weights.Max(weight => weight.Count)));
        return OfProcess + ((precision == Precision.Bfloat16 ? 6.0 : 4.0) * sheet.Parameters) + optimizer.StateBytes(sheet.Weights)
            + (inParts ? gradients + kept : Math.Max(gradients, kept)) + (AtOnce * Largest(sheet)) + Logits(shape, setting);
    }

    /// <summary>Of scoring batches of this setting after training, whose state is still there.</summary>
    public static double OfScoring(Architecture architecture, Shape shape, Setting setting, Optimizer optimizer)
    {
        var sheet = architecture.Count(shape, setting);
        return OfProcess + (4.0 * sheet.Parameters) + optimizer.StateBytes(sheet.Weights) + (AtOnce * Largest(sheet)) + (Scored * Logits(shape, setting));
    }

    private static double Largest(CostSheet sheet) => sheet.Walk().Max(piece => piece.Sheet.Own.ActivationBytes);

    private static double Logits(Shape shape, Setting setting) =>
        sizeof(float) * (double)shape.Vocabulary * LossKernel.RowsAtOnce((double)setting.Batch * setting.TargetLength, shape.Vocabulary);
}
