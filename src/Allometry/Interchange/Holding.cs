using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>
/// How a tensor of Hugging Face's holds weights of ours: one as it is, or several, one behind the other by their first dimension (as GPT-2's query, key and value),
/// and that matrix perhaps transposed (its "Conv1D").
/// </summary>
public sealed record Holding(IReadOnlyList<string> Weights, bool Transposed = false)
{
    /// <summary>Whether the tensor is one weight as it is.</summary>
    public bool IsPlain => Weights.Count == 1 && !Transposed;

    /// <summary>The shape of the tensor that holds weights of these shapes.</summary>
    public IReadOnlyList<long> Shape(IReadOnlyList<IReadOnlyList<long>> weights)
    {
        var rows = weights.Sum(weight => weight[0]);
        return Transposed ? [weights[0][1], rows] : [rows, .. weights[0].Skip(1)];
    }

    /// <summary>The tensor that holds these.</summary>
    public Tensor Join(IReadOnlyList<Tensor> weights) => Transposed ? cat([.. weights], 0).t().contiguous() : cat([.. weights], 0);

    /// <summary>The bytes of the weights one behind the other, of the tensor's; and the other way round for a tensor of the turned shape.</summary>
    internal byte[] Turned(ReadOnlySpan<byte> elements, IReadOnlyList<long> shape)
    {
        if (!Transposed) return elements.ToArray();
        var turned = new byte[elements.Length];
        var (rows, columns) = ((int)shape[0], (int)shape[1]);
        var size = elements.Length / (rows * columns);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                elements.Slice(((row * columns) + column) * size, size).CopyTo(turned.AsSpan(((column * rows) + row) * size, size));
        return turned;
    }
}
