using System.Collections.Concurrent;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Allometry.Text;

/// <summary>
/// A SentencePiece model through Microsoft.ML.Tokenizers, mended to answer as SentencePiece does: a model without beginning-of-text piece loads, and a run
/// of unknown characters is one unknown token. Words are encoded one by one and remembered, which changes nothing where no piece crosses a space.
/// </summary>
public sealed class PieceTokenizer : Tokenizer
{
    private const char Space = '\u2581';
    private const int LongestRemembered = 48;
    private readonly SentencePieceTokenizer inner;
    private readonly IReadOnlyList<Piece> pieces;
    private readonly ConcurrentDictionary<string, int[]> words = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> remembered;
    private readonly bool wordByWord;
    private int room = 1 << 18; // ConcurrentDictionary.Count takes all its locks

    private readonly SentencePieceModel model;

    public PieceTokenizer(SentencePieceModel model, int sentinels) : base(model.Pieces.Count, sentinels, Hash("sentence-piece", sentinels, model.ToBytes()))
    {
        (this.model, pieces) = (model, model.Pieces);
        remembered = words.GetAlternateLookup<ReadOnlySpan<char>>();
        using var stream = new MemoryStream(model.ToBytesWithBeginning());
        inner = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        wordByWord = inner is { AddDummyPrefix: true, TreatWhitespaceAsSuffix: false } && pieces.All(piece => piece.Text.LastIndexOf(Space) <= 0);
    }

    public override int[] EncodePlain(string text)
    {
        var ids = new List<int>(text.Length / 3);
        foreach (var word in Words(text)) Add(ids, EncodeWord(text.AsSpan(word)));
        return [.. ids];
    }

    /// <summary>Stretches of a text that can be encoded apart from each other, as if each were a text of its own.</summary>
    public IEnumerable<Range> Words(string text)
    {
        var start = 0;
        for (var i = 1; wordByWord && i < text.Length - 1; i++)
        {
            if (text[i] != ' ' || !IsPlain(text[i - 1]) || !IsPlain(text[i + 1])) continue;
            yield return start..i;
            start = i + 1;
        }

        yield return start..;
    }

    /// <summary>SentencePiece's own rule: U+2581 is a space, the one that begins a text is dropped, and an unknown token reads " ⁇ ".</summary>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length * 4);
        foreach (var id in ids)
        {
            ThrowIfOutside(id);
            if (IsSentinel(id)) text.Append(Space).Append(SentinelText(id)); // "▁<extra_id_0>", as T5 adds it to its vocabulary
            else if (id >= Pieces || pieces[id].Type == PieceType.Unknown) text.Append(" \u2047 ");
            else if (pieces[id].Type != PieceType.Control) text.Append(pieces[id].Text);
        }

        if (text.Length > 0 && text[0] == Space) text.Remove(0, 1);
        return text.Replace(Space, ' ').ToString();
    }

    protected override Vocabulary Keep(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "spiece.model"), model.ToBytes());
        return new SentencePieceVocabulary("spiece.model", Sentinels);
    }

    /// <summary>The text as the model's normaliser leaves it, unknown characters included, U+2581 for a space.</summary>
    internal string Normalize(string text) => string.Concat(inner.EncodeToTokens(text, out _).Select(token => token.Value));

    private int[] EncodeWord(ReadOnlySpan<char> word)
    {
        if (word.Length <= LongestRemembered && remembered.TryGetValue(word, out var known)) return known;
        int[] ids = [.. inner.EncodeToIds(word)];
        if (word.Length <= LongestRemembered && room > 0 && remembered.TryAdd(word, ids)) Interlocked.Decrement(ref room);
        return ids;
    }

    private static void Add(List<int> ids, int[] word)
    {
        foreach (var id in word)
        {
            if (id != Unknown || ids.Count == 0 || ids[^1] != Unknown) ids.Add(id);
        }
    }

    // Between two of these a space is a space whatever the normaliser does with rarer characters.
    private static bool IsPlain(char c) => c is > ' ' and <= '~';
}
