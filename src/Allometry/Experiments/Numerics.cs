using System.ComponentModel;
using Allometry.Kernels;

namespace Allometry.Experiments;

/// <summary>How numbers are computed, as far as it changes their last bits: part of a run's identity.</summary>
public sealed record Numerics(
    [property: Description("Threads of the matrix products.")] int Threads,
    [property: Description("cpu or cuda.")] string Device = "cpu",
    [property: Description("Without hand-written kernels.")] bool Plain = false,
    [property: Description("Of the operands of matrix products: float32 or bfloat16.")] Precision Precision = Precision.Float32,
    [property: Description("Processes that compute a step together.")] int Ranks = 1)
{
    private const double ParametersOfOneThread = 10e6;

    /// <summary>Whether the processor computes, and no other device.</summary>
    internal bool IsOnProcessor => Device == "cpu";

    /// <summary>
    /// The threads of a run whose recipe names none: 1 below 20 million parameters beside the embeddings, where several runs side by side use the cores better than one run on several;
    /// 2 from there, and twice as many whenever the parameters double, so that large models neither take forever nor fill the memory with each other; at most the machine's cores.
    /// </summary>
    public static int DefaultThreads(long nonEmbeddingParameters, int cores) =>
        (int)Math.Clamp(Math.Pow(2, Math.Floor(Math.Log2(Math.Max(1, nonEmbeddingParameters / ParametersOfOneThread)))), 1, cores);
}
