using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// The pieces that training reads: the documents' tokens one after the other, cut into stretches of a fixed length, the remainder
/// dropped (T5's packing, which puts nothing between documents). Indices count on over epochs, each of which has an order of its own;
/// what an index gives depends on (tokens, length, seed, index) alone. Safe for several threads.
/// </summary>
public sealed class Segments
{
    private readonly TokenFile tokens;
    private readonly Epochs epochs;

    /// <summary>A text that does not fill one segment is an <see cref="InputException"/>.</summary>
    public Segments(TokenFile tokens, int length, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        (this.tokens, Length) = (tokens, length);
        Count = tokens.Count / length;
        if (Count == 0)
        {
            throw new InputException(tokens.Source, $"its {tokens.Count} {tokens.Split.ToString().ToLowerInvariant()} tokens do not fill one segment of {length}", "give more text, a shorter input-length, or a larger held-out share");
        }

        epochs = new Epochs(checked((int)Count), seed, "segments");
    }

    /// <summary>Tokens in a segment.</summary>
    public int Length { get; }

    /// <summary>Segments in an epoch.</summary>
    public long Count { get; }

    /// <summary>Copies segment <paramref name="index"/>, counted from 0 and on over epochs, into a span of <see cref="Length"/> tokens.</summary>
    public void Read(long index, Span<int> into) => tokens.Read((long)epochs.At(index) * Length, into[..Length]);
}
