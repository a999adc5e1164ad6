using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.IO.Hashing;
using System.Text;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// The part of a SentencePiece vocabulary that a corpus needs, so that a small model is not all embedding table: its characters and the pieces that
/// describe it best. Made once, in seconds, and kept in the cache; the same files give the same vocabulary.
/// </summary>
[Kind("trimmed")]
public sealed record TrimmedVocabulary(
    [DataFile][property: Description("Path of the SentencePiece file that is cut down (T5's spiece.model).")] string From,
    [property: Description("Rows of the embedding table: pieces, sentinels and added tokens.")][Range(256, 1 << 20)] int Size,
    [property: Description("Text that decides; left out: the recipe's corpus.")] Corpus? Corpus = null,
    [property: Description("Sentinels among the rows.")][Range(0, 65_536)] int Sentinels = 100) : Vocabulary
{
    private const int FewestPieces = 128, Checksum = 16;

    private int Pieces => Size - Sentinels - (Added?.Count ?? 0);

    public override Tokenizer Load(string cacheFolder)
    {
        var corpus = Corpus ?? throw new InputException("vocabulary", "is trimmed for no corpus", "give it a corpus, or the recipe one");
        // The bytes as they are: taking 32,000 pieces apart is only for who makes it.
        var key = XxHash128.Hash([.. Encoding.UTF8.GetBytes($"trimmed 2 {Pieces} {corpus.Fingerprint()} "), .. SentencePieceModel.Bytes(From)]);
        var path = Path.Combine(cacheFolder, $"{Convert.ToHexStringLower(key)}.pieces");
        return new PieceTokenizer(Cached(path) ?? Make(path, corpus), Sentinels, Added);
    }

    public override Vocabulary Over(Corpus corpus) => this with { Corpus = Corpus ?? corpus };

    public override IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        foreach (var problem in base.Check()) yield return problem;
        if (Pieces < FewestPieces) yield return (nameof(Size), $"leaves {Pieces} pieces beside {Size - Pieces} sentinels and added tokens", $"make it at least {Size - Pieces + FewestPieces}");
    }

    private SentencePieceModel Make(string path, Corpus corpus)
    {
        var model = SentencePieceModel.Read(From);
        var room = model.Pieces.Count + Size - Pieces;
        if (Size > room) throw new InputException(From, $"has {room} rows with its sentinels, fewer than the {Size} to trim it to", "take a smaller size, or the whole vocabulary");
        var trimmed = UnigramTrimmer.Trim(model, corpus.Documents(), Pieces);
        var bytes = trimmed.ToBytes();
        AtomicFile.Write(path, stream =>
        {
            stream.Write(XxHash128.Hash(bytes));
            stream.Write(bytes);
        });
        return SentencePieceModel.Parse(bytes); // scores as they will be read next time
    }

    // Null where there is no such file or it is not whole.
    private static SentencePieceModel? Cached(string path)
    {
        if (!File.Exists(path) || File.ReadAllBytes(path) is not { Length: > Checksum } bytes) return null;
        return XxHash128.Hash(bytes.AsSpan(Checksum)).AsSpan().SequenceEqual(bytes.AsSpan(0, Checksum)) ? SentencePieceModel.Parse(bytes[Checksum..]) : null;
    }
}
