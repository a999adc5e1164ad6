using System.Runtime.InteropServices;
using Allometry.Files;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Analysis.Similarity;

/// <summary>A tensor [example, feature] or [text, token, feature] of an open file; it is read a block at a time.</summary>
internal sealed class TensorLayer : Layer
{
    private readonly SafetensorsFile file;
    private readonly SafetensorsEntry entry;
    private readonly bool[]? real;
    private readonly Pooling pooling;

    public TensorLayer(SafetensorsFile file, SafetensorsEntry entry, bool[]? real, Pooling pooling) : base(entry.Name, (int)entry.Shape[^1])
    {
        (this.file, this.entry, this.real, this.pooling) = (file, entry, real, pooling);
        if (!Reads(entry.Type)) throw new InputException(file.Path, $"tensor '{entry.Name}' holds {entry.Type}", "give floating numbers");
    }

    public override long Count => Length == 1 || pooling != Pooling.Tokens ? entry.Shape[0] : real?.LongCount(token => token) ?? entry.Shape[0] * Length;

    private int Length => entry.Shape.Count == 3 ? (int)entry.Shape[1] : 1;

    private int Size => entry.Type == ScalarType.Float64 ? sizeof(double) : entry.Type == ScalarType.Float32 ? sizeof(float) : sizeof(short);

    public static bool Reads(ScalarType type) => type == ScalarType.Float64 || FloatBits.Covers(type);

    public override IEnumerable<double[]> Blocks(int examples)
    {
        List<double> waiting = [];
        for (var first = 0L; first < entry.Shape[0]; first++)
        {
            waiting.AddRange(Text(first));
            while (waiting.Count >= examples * Width)
            {
                yield return [.. waiting.Take(examples * Width)];
                waiting.RemoveRange(0, examples * Width);
            }
        }
        if (waiting.Count > 0) yield return [.. waiting];
    }

    private double[] Text(long text)
    {
        var states = Doubles(file.Stretch(entry, text * Length * Width * Size, Length * Width * Size));
        if (Array.Exists(states, value => !double.IsFinite(value))) throw new InputException(file.Path, $"tensor '{entry.Name}' holds a number that is none in row {text}", "trace again");
        if (entry.Shape.Count == 2) return states;
        ReadOnlySpan<bool> tokens = real is null ? Enumerable.Repeat(true, Length).ToArray() : real.AsSpan((int)text * Length, Length);
        return Pooled.Of(pooling, states, tokens, Width);
    }

    private double[] Doubles(ReadOnlySpan<byte> bytes)
    {
        if (entry.Type == ScalarType.Float64) return MemoryMarshal.Cast<byte, double>(bytes).ToArray();
        var singles = new float[bytes.Length / Size];
        FloatBits.Widen(entry.Type, bytes, MemoryMarshal.AsBytes(singles.AsSpan()));
        return System.Array.ConvertAll(singles, value => (double)value);
    }
}
