using System.Text.Unicode;

namespace Allometry.Text;

/// <summary>
/// Encodes texts as SentencePiece does. The score runs on from the beginning of a text: late in a long one rounding decides between pieces of nearly equal score, and
/// must decide as it does there. Words met before are answered from memory where rounding cannot matter. For one thread.
/// </summary>
internal sealed class PieceEncoder(PieceTable table)
{
    private const int Large = 1 << 22;
    private readonly NormalizedText normalized = new();
    private readonly WordMemory memory = new();
    private readonly PieceLattice lattice = new(table);
    private byte[] utf8 = [];
    private int[] ids = new int[256];
    private int count;
    private float score;

    /// <summary>Has met a text so long that its buffers are better not kept.</summary>
    public bool IsLarge => utf8.Length > Large || lattice.Capacity > Large;

    public int[] Encode(string text)
    {
        var rest = Normalize(text);
        (count, score) = (0, 0);
        while (rest.Length > 0)
        {
            var next = table.WordsStandAlone ? rest[1..].IndexOf(NormalizedText.Space) : -1;
            var length = next < 0 ? rest.Length : next + 1;
            if (length <= WordMemory.LongestWord) EncodeShort(rest, length);
            else Add(lattice.Search(rest[..length], ref score, out _));
            rest = rest[length..];
        }

        return ids[..count];
    }

    /// <summary>The text as the normaliser leaves it; good until the next call.</summary>
    public ReadOnlySpan<byte> Normalize(string text)
    {
        if (utf8.Length < 3 * text.Length) utf8 = new byte[3 * text.Length];
        Utf8.FromUtf16(text, utf8, out _, out var length, replaceInvalidSequences: true);
        table.Normalizer.Normalize(utf8.AsSpan(0, length), normalized);
        return normalized.Bytes;
    }

    private void EncodeShort(ReadOnlySpan<byte> text, int length)
    {
        ref var entry = ref memory.Find(text, length, out var known);
        if (known && Math.Abs(score) < entry.Reach)
        {
            ReadOnlySpan<int> pieces = entry.Pieces[..entry.Count];
            foreach (var piece in pieces) score = (float)((double)score + table.Scores[piece]);
            Add(pieces);
            return;
        }

        var found = lattice.Search(text[..length], ref score, out var reach);
        Add(found);
        (entry.Reach, entry.Count) = found.Length <= WordMemory.MostPieces ? (reach, found.Length) : (0, 0);
        found[..entry.Count].CopyTo(entry.Pieces);
    }

    // A run of unknown characters is one token.
    private void Add(ReadOnlySpan<int> pieces)
    {
        if (ids.Length - count < pieces.Length) Array.Resize(ref ids, Math.Max(2 * ids.Length, count + pieces.Length));
        foreach (var piece in pieces)
        {
            if (piece != Tokenizer.Unknown || count == 0 || ids[count - 1] != Tokenizer.Unknown) ids[count++] = piece;
        }
    }
}
