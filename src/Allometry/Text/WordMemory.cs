using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Allometry.Text;

/// <summary>
/// The pieces of short words met before: a table of fixed size in which a word has one place and drives out who was there. For one thread.
/// </summary>
internal sealed class WordMemory
{
    /// <summary>Bytes of the longest word that is remembered, and pieces.</summary>
    public const int LongestWord = 15, MostPieces = 10;
    private const int Bits = 14;
    private readonly Entry[] entries = new Entry[1 << Bits];

    /// <summary>The place of the word that stands at the beginning of <paramref name="text"/>.</summary>
    public ref Entry Find(ReadOnlySpan<byte> text, int length, out bool known)
    {
        var (low, high) = Key(text, length);
        var hash = ((low * 0x9E3779B97F4A7C15) ^ high) * 0xD6E8FEB86659FD93;
        ref var entry = ref entries[hash >> (64 - Bits)];
        known = entry.Low == low && entry.High == high;
        if (!known) (entry.Low, entry.High, entry.Reach) = (low, high, 0);
        return ref entry;
    }

    // The bytes of the word, then its length.
    private static (ulong Low, ulong High) Key(ReadOnlySpan<byte> text, int length)
    {
        if (text.Length < 16)
        {
            Span<byte> padded = stackalloc byte[16];
            padded.Clear();
            text[..length].CopyTo(padded);
            return (BinaryPrimitives.ReadUInt64LittleEndian(padded), BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]) | ((ulong)length << 56));
        }

        var low = BinaryPrimitives.ReadUInt64LittleEndian(text);
        if (length < 8) return (low & ((1UL << (8 * length)) - 1), (ulong)length << 56);
        return (low, (BinaryPrimitives.ReadUInt64LittleEndian(text[8..]) & ((1UL << (8 * (length - 8))) - 1)) | ((ulong)length << 56));
    }

    /// <summary>A word, its pieces, and the running score up to which they are its pieces (<see cref="PieceEncoder"/>).</summary>
    internal struct Entry
    {
        public ulong Low, High;
        public float Reach;
        public int Count;
        public PieceList Pieces;
    }

    [InlineArray(MostPieces)]
    internal struct PieceList
    {
        private int first;
    }
}
