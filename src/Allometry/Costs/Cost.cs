namespace Allometry.Costs;

/// <summary>
/// What one piece costs, its children not included. FLOPs are those of matrix products alone, a multiply-add as 2;
/// decoding is one more token of every row, at the end of the target, with cached keys and values;
/// activations are what is kept for the backward pass in float32: by the hand-written kernel where one covers the piece, else by library operations.
/// </summary>
public sealed record Cost(IReadOnlyList<Weight> Weights, double ForwardFlops = 0, double DecodeFlops = 0, double ActivationBytes = 0)
{
    /// <summary>Of what the backward pass computes once more, before it is differentiated.</summary>
    public double RecomputedFlops { get; init; }

    public static Cost None { get; } = new([]);

    /// <summary>Why the piece makes no sense in texts of these lengths, though it could be computed.</summary>
    public IReadOnlyList<Misfit> Misfits { get; init; } = [];

    /// <summary>Both pieces together.</summary>
    public static Cost operator +(Cost one, Cost other) => new(
        [.. one.Weights, .. other.Weights], one.ForwardFlops + other.ForwardFlops, one.DecodeFlops + other.DecodeFlops, one.ActivationBytes + other.ActivationBytes)
    {
        RecomputedFlops = one.RecomputedFlops + other.RecomputedFlops,
        Misfits = [.. one.Misfits, .. other.Misfits],
    };
}
