using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>One parameter with its gradient and what AdamW remembers of it, all of one size.</summary>
internal sealed record AdamWPiece(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square);

/// <summary>AdamW's step for all parameters in one pass over memory.</summary>
internal readonly unsafe struct AdamWKernel
{
    /// <summary>What gradients are multiplied by first.</summary>
    public required float Scale { get; init; }

    /// <summary>Share of the new gradient in the mean; computed in double precision, because 1 - beta is wrong in the fifth digit where beta has been rounded.</summary>
    public required float TowardsGradient { get; init; }

    /// <summary>What is kept of the squares, and the share of the new one.</summary>
    public required float KeepSquare { get; init; }

    public required float NewSquare { get; init; }

    /// <summary>Added to the root of the squares, which are not corrected for their beginning at zero; the amount is.</summary>
    public required float Epsilon { get; init; }

    /// <summary>What is kept of a parameter.</summary>
    public required float Keep { get; init; }

    /// <summary>Multiplies mean / (root of square + epsilon), negative.</summary>
    public required float Amount { get; init; }

    public void Step(IReadOnlyList<AdamWPiece> pieces)
    {
        var kernel = this;
        var addresses = pieces.Select(Address.Of).ToArray();
        // Each thread has its share of every parameter: the same memory in every step.
        Team.Run((thread, threads) =>
        {
            foreach (var piece in addresses)
            {
                var (first, end) = (piece.Count * thread / threads, piece.Count * (thread + 1) / threads);
                kernel.Step((float*)piece.Parameter + first, (float*)piece.Gradient + first, (float*)piece.Mean + first, (float*)piece.Square + first, end - first);
            }
        });
    }

    private void Step(float* parameter, float* gradient, float* mean, float* square, long count)
    {
        var i = 0L;
        for (; i <= count - Lanes.Count; i += Lanes.Count) One(parameter + i, gradient + i, mean + i, square + i, Lanes.Count);
        if (i < count) One(parameter + i, gradient + i, mean + i, square + i, (int)(count - i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void One(float* parameter, float* gradient, float* mean, float* square, int left)
    {
        var g = Lanes.Load(gradient, left) * Lanes.All(Scale);
        var old = Lanes.Load(mean, left);
        var m = Lanes.MultiplyAdd(g - old, Lanes.All(TowardsGradient), old);
        var v = Lanes.MultiplyAdd(g * g, Lanes.All(NewSquare), Lanes.Load(square, left) * Lanes.All(KeepSquare));
        Lanes.Store(m, mean, left);
        Lanes.Store(v, square, left);
        var change = m / (Vector512.Sqrt(v) + Lanes.All(Epsilon));
        Lanes.Store(Lanes.MultiplyAdd(change, Lanes.All(Amount), Lanes.Load(parameter, left) * Lanes.All(Keep)), parameter, left);
    }

    private readonly record struct Address(nint Parameter, nint Gradient, nint Mean, nint Square, long Count)
    {
        public static Address Of(AdamWPiece piece) => new(At(piece.Parameter), At(piece.Gradient), At(piece.Mean), At(piece.Square), piece.Parameter.numel());

        private static nint At(Tensor tensor) => (nint)NativeCalls.Floats(tensor);
    }
}
