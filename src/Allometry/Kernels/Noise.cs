using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Many uniform numbers at little cost: a hash (the finaliser of MurmurHash3) of a seed and of each number's place. libtorch's generator gives the seed; to draw every number from it would take as long
/// as a third of a small sublayer.
/// </summary>
internal static unsafe class Noise
{
    private const int Block = 1 << 14;

    /// <summary>Numbers from 1 - width to 1 + width, of a tensor's shape, type and device.</summary>
    public static Tensor Around1(Tensor like, double width)
    {
        var noise = empty(like.shape, float32, CPU);
        var seed = (uint)randint(int.MaxValue, 1, int64).item<long>();
        float* numbers = NativeCalls.Floats(noise);
        for (var first = 0L; first < noise.numel(); first += Block) Fill(numbers + first, (int)Math.Min(Block, noise.numel() - first), seed + (uint)first, (float)width);
        return noise.to(like.dtype).to(like.device);
    }

    private static void Fill(float* numbers, int count, uint place, float width)
    {
        var (places, step) = (Vector512<uint>.Indices + Vector512.Create(place), Vector512.Create(2 * width / (1 << 24)));
        for (; count > 0; count -= Lanes.Count, numbers += Lanes.Count, places += Vector512.Create((uint)Lanes.Count))
        {
            var whole = Vector512.ConvertToSingle((Mixed(places) >> 8).AsInt32()); // 24 bits
            Lanes.Store(Lanes.MultiplyAdd(whole, step, Lanes.All(1 - width)), numbers, count);
        }
    }

    private static Vector512<uint> Mixed(Vector512<uint> x)
    {
        x = (x ^ (x >> 16)) * Vector512.Create(0x85ebca6bu);
        x = (x ^ (x >> 13)) * Vector512.Create(0xc2b2ae35u);
        return x ^ (x >> 16);
    }
}
