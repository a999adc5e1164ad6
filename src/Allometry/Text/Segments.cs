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
    private readonly long seed;
    private Order current;

    /// <summary>A text that does not fill one segment is an <see cref="InputException"/>.</summary>
    public Segments(TokenFile tokens, int length, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        (this.tokens, this.seed, Length) = (tokens, seed, length);
        Count = tokens.Count / length;
        if (Count == 0)
        {
            throw new InputException(tokens.Source, $"its {tokens.Count} {tokens.Split.ToString().ToLowerInvariant()} tokens do not fill one segment of {length}", "give more text, a shorter input-length, or a larger held-out share");
        }

        current = Shuffle(0);
    }

    /// <summary>Tokens in a segment.</summary>
    public int Length { get; }

    /// <summary>Segments in an epoch.</summary>
    public long Count { get; }

    /// <summary>Copies segment <paramref name="index"/>, counted from 0 and on over epochs, into a span of <see cref="Length"/> tokens.</summary>
    public void Read(long index, Span<int> into)
    {
        var (epoch, place) = Math.DivRem(index, Count);
        var order = current;
        if (order.Epoch != epoch) current = order = Shuffle(epoch);
        tokens.Read((long)order.Places[place] * Length, into[..Length]);
    }

    private Order Shuffle(long epoch)
    {
        var places = new int[checked((int)Count)];
        for (var i = 0; i < places.Length; i++) places[i] = i;
        RandomStream.For(seed, "segments", epoch).Shuffle(places.AsSpan());
        return new Order(epoch, places);
    }

    private sealed record Order(long Epoch, int[] Places);
}
