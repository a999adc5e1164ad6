using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Allometry.Generation;

/// <summary>The scores of every token in every row, float32 in the processor's memory, where they may be changed.</summary>
internal sealed class Scores : IDisposable
{
    private readonly Tensor values; // [row, vocabulary]
    private readonly int vocabulary;

    public Scores(Tensor scores)
    {
        values = scores.to(float32).cpu().contiguous().alias();
        (Rows, vocabulary) = ((int)values.size(0), (int)values.size(1));
    }

    public int Rows { get; }

    public Span<float> Of(int row) => MemoryMarshal.Cast<byte, float>(values.bytes).Slice(row * vocabulary, vocabulary);

    public void Dispose() => values.Dispose();
}
