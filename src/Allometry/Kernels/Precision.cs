namespace Allometry.Kernels;

/// <summary>What the operands of matrix products are. Sums, weights, the optimiser, norms, softmax, loss and the residual stream are float32 in any case.</summary>
public enum Precision
{
    Float32,

    /// <summary>Rounded to bfloat16: eight bits of precision and float32's range. Only on processors that have units for it.</summary>
    Bfloat16,
}
