using System.ComponentModel;

namespace Allometry.Experiments;

/// <summary>How numbers are computed, as far as it changes their last bits: part of a run's identity.</summary>
public sealed record Numerics(
    [property: Description("Threads of the matrix products.")] int Threads,
    [property: Description("cpu or cuda.")] string Device = "cpu",
    [property: Description("Without hand-written kernels.")] bool Plain = false);
