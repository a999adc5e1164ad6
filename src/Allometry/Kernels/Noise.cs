using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Many uniform numbers from 1 - width to 1 + width at little cost: a hash (the finaliser of MurmurHash3) of a seed and of each number's place, so that they can be made again. To draw every number from libtorch's generator
/// would take as long as a third of a small sublayer.
/// </summary>
internal sealed unsafe record Noise(uint Seed, double Width)
{
    private const int Block = 1 << 14;

    /// <summary>With a seed from libtorch's generator.</summary>
    public static Noise Around1(double width) => new((uint)randint(int.MaxValue, 1, int64).item<long>(), width);

    /// <summary>A number for each element of a tensor, of its shape, type and device.</summary>
    public Tensor Like(Tensor tensor)
    {
        var noise = empty(tensor.shape, float32, CPU);
        float* numbers = NativeCalls.Floats(noise);
        for (var first = 0L; first < noise.numel(); first += Block) Fill(numbers + first, (int)Math.Min(Block, noise.numel() - first), first);
        return noise.to(tensor.dtype).to(tensor.device);
    }

    /// <summary>The numbers of some rows of a matrix, from the first on.</summary>
    public void Fill(Matrix rows, long first) => Fill(rows.Data, (int)rows.Cells, first * rows.Columns);

    private void Fill(float* numbers, int count, long place)
    {
        var (places, step, least) = (Vector512<uint>.Indices + Vector512.Create(Seed + (uint)place), Lanes.All((float)(2 * Width / (1 << 24))), Lanes.All((float)(1 - Width)));
        for (; count > 0; count -= Lanes.Count, numbers += Lanes.Count, places += Vector512.Create((uint)Lanes.Count))
        {
            var whole = Vector512.ConvertToSingle((Mixed(places) >> 8).AsInt32()); // 24 bits
            Lanes.Store(Lanes.MultiplyAdd(whole, step, least), numbers, count);
        }
    }

    private static Vector512<uint> Mixed(Vector512<uint> x)
    {
        x = (x ^ (x >> 16)) * Vector512.Create(0x85ebca6bu);
        x = (x ^ (x >> 13)) * Vector512.Create(0xc2b2ae35u);
        return x ^ (x >> 16);
    }
}
