using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>The bytes of a contiguous tensor in main memory, in order, in spans (whose length is limited to 2^31 - 1).</summary>
internal static class TensorMemory
{
    private const long Most = 1 << 27;      // elements: at most 2^30 bytes

    public delegate void Visit(Span<byte> memory);

    public static void ForEach(Tensor tensor, Visit visit)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().view(-1);
        var elements = flat.size(0);
        for (var first = 0L; first < elements; first += Most)
            visit(flat.narrow(0, first, Math.Min(Most, elements - first)).bytes);
    }
}
