using System.Text;

namespace Allometry.Text;

/// <summary>What the encoders of a SentencePiece model share: its normaliser, its pieces as a trie of bytes, their scores. Safe for several threads.</summary>
internal sealed class PieceTable
{
    private const float UnknownPenalty = 10; // kUnkPenalty of unigram_model.cc

    public PieceTable(SentencePieceModel model)
    {
        Normalizer = new TextNormalizer(model.Settings);
        var pieces = model.Pieces.Index().Where(piece => piece.Item.Type == PieceType.Normal && !piece.Item.Text.Contains(' ')).ToList();
        Trie = new DoubleArray(pieces.Select(piece => (Encoding.UTF8.GetBytes(piece.Item.Text.Replace(NormalizedText.SpaceCharacter, ' ')), piece.Index)));
        Scores = [.. model.Pieces.Select(piece => piece.Score)];
        Scores[Tokenizer.Unknown] = model.Pieces.Where(piece => piece.Type == PieceType.Normal).Min(piece => piece.Score) - UnknownPenalty;
        LargestScore = Scores.Max(Math.Abs);
        WordsStandAlone = pieces.TrueForAll(piece => piece.Item.Text.LastIndexOf(NormalizedText.SpaceCharacter) <= 0);
    }

    public TextNormalizer Normalizer { get; }

    public DoubleArray Trie { get; }

    /// <summary>Of every piece; that of the unknown one is below all others.</summary>
    public float[] Scores { get; }

    public float LargestScore { get; }

    /// <summary>No piece crosses a space, so that words can be encoded one by one.</summary>
    public bool WordsStandAlone { get; }
}
