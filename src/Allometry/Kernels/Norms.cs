using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Sums of squares.</summary>
internal static unsafe class Norms
{
    /// <summary>Of all elements of all tensors, in one pass; the same for the same number of threads.</summary>
    public static double SumOfSquares(IEnumerable<Tensor> tensors)
    {
        var alive = tensors.ToArray();
        var pieces = alive.Select(tensor => ((nint)NativeCalls.Floats(tensor), tensor.numel())).ToArray();
        var sums = new double[Team.Size * 8]; // each thread's on a cache line of its own
        Team.Run((thread, threads) =>
        {
            foreach (var (address, count) in pieces)
                sums[thread * 8] += SumOfSquares((float*)address + (count * thread / threads), (count * (thread + 1) / threads) - (count * thread / threads));
        });
        GC.KeepAlive(alive); // their memory was read by address
        return sums.Sum();
    }

    /// <summary>In single precision over stretches of 4,096 elements, in double precision over those.</summary>
    public static double SumOfSquares(float* x, long count)
    {
        const int stretch = 4096;
        var total = 0.0;
        for (; count > 0; count -= stretch, x += stretch) total += SumOfStretch(x, (int)Math.Min(count, stretch));
        return total;
    }

    private static float SumOfStretch(float* x, int count)
    {
        Vector512<float> even = default, odd = default;
        var i = 0;
        for (; i <= count - (2 * Lanes.Count); i += 2 * Lanes.Count)
        {
            var (a, b) = (Vector512.Load(x + i), Vector512.Load(x + i + Lanes.Count));
            (even, odd) = (Lanes.MultiplyAdd(a, a, even), Lanes.MultiplyAdd(b, b, odd));
        }
        for (; i < count; i += Lanes.Count)
        {
            var a = Lanes.Load(x + i, count - i);
            even = Lanes.MultiplyAdd(a, a, even);
        }
        return Vector512.Sum(even + odd);
    }
}
