using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Products of float32 matrices whose values are first rounded to bfloat16; sums are float32.</summary>
internal static unsafe class Bfloat16
{
    // mkl_cblas.h
    private const int RowMajor = 101, AsIs = 111, Flip = 112;

    private const int Together = 2 * Lanes.Count, ForOneThread = 1 << 18;

    /// <summary>What a processor lacks for it; null: nothing.</summary>
    public static string? Lack { get; } = !HasUnits
        ? "this processor has no units for bfloat16 (avx512_bf16 or amx_bf16 among the flags of /proc/cpuinfo)"
        : null;

    /// <summary>The same, and what libtorch lacks for the kernels.</summary>
    public static string? LackWithLibtorch => Lack ?? (NativeCalls.AreThere && NativeCalls.Bgemm == null ? "this libtorch has no bfloat16 products of MKL" : null);

    // CPUID leaf 7: subleaf 1, EAX bit 5 is AVX512_BF16; subleaf 0, EDX bit 22 is AMX-BF16 (Intel, Architecture Instruction Set Extensions).
    private static bool HasUnits => X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7
        && ((X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0 || (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0);

    /// <summary>Floats of memory that hold a matrix's values in bfloat16.</summary>
    public static long Floats(long cells) => (cells + 1) / 2;

    /// <summary>c = a b + keep c</summary>
    public static void Multiply(Matrix a, Matrix b, Matrix c, float keep)
    {
        using var frame = Scratch.Open();
        var (left, right) = (Rounded(a, frame), Rounded(b, frame));
        NativeCalls.Bgemm(RowMajor, a.Flipped ? Flip : AsIs, b.Flipped ? Flip : AsIs, c.Rows, c.Columns, a.Columns, 1, left.Rounded, a.Flipped ? c.Rows : a.Columns, right.Rounded, b.Flipped ? a.Columns : c.Columns, keep, c.Data, c.Stride);
    }

    /// <summary>The matrix with its values in bfloat16 beside it, for the life of the frame where it has none yet.</summary>
    public static Matrix Rounded(Matrix x, Scratch.Frame frame)
    {
        if (x.Rounded != null) return x;
        var rounded = (ushort*)frame.Floats(Floats(x.Cells));
        Round(x, rounded);
        return x with { Rounded = rounded };
    }

    /// <summary>
    /// Weights in bfloat16 where products have such operands, made once for the forward and the backward pass; in float32 none, and none where there is no weight.
    /// </summary>
    public static Tensor?[] Weights(params IReadOnlyList<Tensor?> weights)
    {
        var rounded = new Tensor?[weights.Count];
        if (Products.Precision == Precision.Float32) return rounded;
        for (var i = 0; i < rounded.Length; i++)
            if (weights[i] is { } weight) rounded[i] = empty(weight.shape, bfloat16);
        Team.Run((thread, threads) =>
        {
            for (var i = 0; i < rounded.Length; i++)
            {
                if (rounded[i] is not { } into) continue;
                var matrix = Matrix.Of(weights[i]);
                var (first, end) = ((long)matrix.Rows * thread / threads, (long)matrix.Rows * (thread + 1) / threads);
                Round(matrix, NativeCalls.Halves(into), first, end, matrix.Columns);
            }
        });
        return rounded;
    }

    /// <summary>Rounds a matrix to the nearest, ties to even, in the order in which it lies in memory but without gaps.</summary>
    public static void Round(Matrix x, ushort* into)
    {
        var (rows, width) = x.Flipped ? (x.Columns, x.Rows) : (x.Rows, x.Columns);
        if (x.Cells < ForOneThread) Round(x, into, 0, rows, width);
        else Team.Share(rows, (_, first, end) => Round(x, into, first, end, width));
    }

    private static void Round(Matrix x, ushort* into, long first, long end, int width)
    {
        if (x.Stride == width) Round(x.Data + (first * width), into + (first * width), (end - first) * width);
        else for (var row = first; row < end; row++) Round(x.Data + (row * x.Stride), into + (row * width), width);
    }

    private static void Round(float* x, ushort* into, long count)
    {
        var i = 0L;
        for (; i <= count - Together; i += Together)
            Vector512.Narrow(Upper(Vector512.Load(x + i)), Upper(Vector512.Load(x + i + Lanes.Count))).Store(into + i);
        if (i == count) return;
        var last = stackalloc ushort[Together];
        var left = (int)(count - i);
        Vector512.Narrow(Upper(Lanes.Load(x + i, left)), Upper(left > Lanes.Count ? Lanes.Load(x + i + Lanes.Count, left - Lanes.Count) : default)).Store(last);
        new Span<ushort>(last, left).CopyTo(new(into + i, left));
    }

    /// <summary>The upper half of each number, rounded; what is no number stays none.</summary>
    private static Vector512<uint> Upper(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        return Vector512.ConditionalSelect(Vector512.Equals(x, x).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
    }
}
