using System.Collections.Concurrent;
using System.Text;

namespace Allometry.Text;

/// <summary>A SentencePiece unigram model, answering as SentencePiece does. Encoding is safe for several threads, each of which answers from a memory of its own.</summary>
public sealed class PieceTokenizer : Tokenizer
{
    private const char Space = NormalizedText.SpaceCharacter;
    private readonly SentencePieceModel model;
    private readonly PieceTable table;
    private readonly ConcurrentBag<PieceEncoder> encoders = [];

    public PieceTokenizer(SentencePieceModel model, int sentinels, IReadOnlyList<string>? added = null)
        : base(model.Pieces.Count, sentinels, Hash("sentence-piece", sentinels, model.ToBytes()), added) =>
        (this.model, table) = (model, new PieceTable(model));

    public override int[] EncodePlain(string text) => With(encoder => encoder.Encode(text));

    /// <summary>SentencePiece's own rule: U+2581 is a space, the one that begins a text is dropped, and an unknown token reads " ⁇ ".</summary>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length * 4);
        foreach (var id in ids)
        {
            ThrowIfOutside(id);
            if (SpecialText(id) is { } special) text.Append(Space).Append(special); // "▁<extra_id_0>", as T5 adds it to its vocabulary
            else if (id >= Pieces || model.Pieces[id].Type == PieceType.Unknown) text.Append(" \u2047 ");
            else if (model.Pieces[id].Type != PieceType.Control) text.Append(model.Pieces[id].Text);
        }

        if (text.Length > 0 && text[0] == Space) text.Remove(0, 1);
        return text.Replace(Space, ' ').ToString();
    }

    protected override Vocabulary Keep(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "spiece.model"), model.ToBytes());
        return new SentencePieceVocabulary("spiece.model", Sentinels) { Added = Kept };
    }

    /// <summary>The text as the model's normaliser leaves it, U+2581 for a space.</summary>
    internal string Normalize(string text) => With(encoder => Encoding.UTF8.GetString(encoder.Normalize(text)).Replace((char)NormalizedText.Space, Space));

    private T With<T>(Func<PieceEncoder, T> use)
    {
        var encoder = encoders.TryTake(out var idle) ? idle : new PieceEncoder(table);
        var answer = use(encoder);
        if (!encoder.IsLarge) encoders.Add(encoder);
        return answer;
    }
}
