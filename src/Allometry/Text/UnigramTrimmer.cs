using System.Runtime.InteropServices;

namespace Allometry.Text;

/// <summary>
/// Cuts a SentencePiece unigram model down to what a text needs, as SentencePiece's own trainer does (Kudo 2018, section 3.2): probabilities are estimated
/// on the text (here from the likeliest segmentation), the pieces whose loss costs the least likelihood are dropped, a quarter at a time, and so on.
/// The text's characters and ASCII stay whatever they cost.
/// </summary>
public sealed class UnigramTrimmer
{
    private const double Kept = 0.75;  // of the pieces at each round, as SentencePiece's shrinking_factor
    private const int Estimations = 2; // between two cuts, as SentencePiece's num_sub_iterations
    private readonly List<(string Text, long Count)> words;
    private readonly HashSet<string> characters;
    private Unigram unigram;

    private UnigramTrimmer(SentencePieceModel model, IEnumerable<string> documents, int room)
    {
        words = Words(new PieceTokenizer(model, 0), documents);
        characters = Characters(room / 2);
        unigram = Start(model);
    }

    /// <summary>The model with <paramref name="size"/> pieces, the three special ones included; the same for the same documents in whatever order.</summary>
    public static SentencePieceModel Trim(SentencePieceModel model, IEnumerable<string> documents, int size)
    {
        var special = model.Pieces.Take(Tokenizer.First).ToList();
        var room = size - special.Count;
        var trimmer = new UnigramTrimmer(model, documents, room);
        trimmer.ShrinkTo(room);
        var pieces = trimmer.Pieces().OrderByDescending(piece => piece.Score).ThenBy(piece => piece.Text, StringComparer.Ordinal).ToList();
        return model.With([.. special, .. pieces, .. Spare(model, pieces, room)]);
    }

    private void ShrinkTo(int room)
    {
        for (var counts = Estimated(); ; counts = Estimated())
        {
            if (unigram.Pieces.Count <= room) break;
            Keep(MostUseful(counts, Math.Max(room, (int)(unigram.Pieces.Count * Kept))), piece => unigram.Scores[piece]);
        }
    }

    private IEnumerable<Piece> Pieces() => unigram.Pieces.Zip(unigram.Scores, (text, score) => new Piece(text, (float)score));

    // Where the text needs fewer pieces than there is room for, the likeliest others: they serve texts met later.
    private static IEnumerable<Piece> Spare(SentencePieceModel model, List<Piece> taken, int room)
    {
        var known = taken.Select(piece => piece.Text).ToHashSet(StringComparer.Ordinal);
        var least = taken.Min(piece => piece.Score) - 1;
        return model.Pieces.Where(piece => piece.Type == PieceType.Normal && !known.Contains(piece.Text))
            .OrderByDescending(piece => piece.Score).Take(room - taken.Count).Select(piece => piece with { Score = least });
    }

    // Normalised words ("▁word") and how often each occurs, in ordinal order.
    private static List<(string Text, long Count)> Words(PieceTokenizer tokenizer, IEnumerable<string> documents)
    {
        var words = new Dictionary<string, long>(StringComparer.Ordinal);
        var counts = words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var document in documents)
        {
            for (var text = tokenizer.Normalize(document).AsSpan(); text.Length > 0;)
            {
                var end = text[1..].IndexOf(NormalizedText.SpaceCharacter) + 1;
                var word = end == 0 ? text : text[..end];
                CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
                text = text[word.Length..];
            }
        }

        return [.. words.Select(word => (word.Key, word.Value)).OrderBy(word => word.Key, StringComparer.Ordinal)];
    }

    // All characters, or the most frequent where they would take more than their room.
    private HashSet<string> Characters(int room) => [.. words
        .SelectMany(word => word.Text.EnumerateRunes().Select(rune => (Text: rune.ToString(), word.Count)))
        .Concat(Enumerable.Range('!', '~' - '!' + 1).Select(ascii => (Text: $"{(char)ascii}", Count: 0L)))
        .GroupBy(character => character.Text, StringComparer.Ordinal).Select(group => (group.Key, Count: group.Sum(character => character.Count)))
        .OrderByDescending(character => character.Count).ThenBy(character => character.Key, StringComparer.Ordinal).Take(room).Select(character => character.Key)];

    private Unigram Start(SentencePieceModel model)
    {
        var known = model.Pieces.Where(piece => piece.Type == PieceType.Normal && (piece.Text.EnumerateRunes().Count() > 1 || characters.Contains(piece.Text))).ToList();
        var added = characters.Except(known.Select(piece => piece.Text), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        double least = known.Min(piece => piece.Score) - 1;
        return new Unigram([.. known.Select(piece => piece.Text), .. added], [.. known.Select(piece => (double)piece.Score), .. added.Select(_ => least)]);
    }

    // Gives the pieces the probabilities that the words show, drops those never used, and returns how often each is used.
    private double[] Estimated()
    {
        for (var i = 0; i < Estimations; i++)
        {
            var counts = Counts();
            var used = Enumerable.Range(0, counts.Length).Where(piece => counts[piece] > 0 || characters.Contains(unigram.Pieces[piece])).ToList();
            var total = Math.Log(counts.Sum() + used.Count);
            Keep(used, piece => Math.Log(counts[piece] + 0.5) - total); // half a use for characters that only ever occur inside pieces
        }

        return Counts();
    }

    private double[] Counts()
    {
        var counts = new double[unigram.Pieces.Count];
        foreach (var (pieces, count) in words.AsParallel().AsOrdered().Select(word => (unigram.Segment(word.Text), word.Count)))
        {
            foreach (var piece in pieces) counts[piece] += count;
        }

        return counts;
    }

    private List<int> MostUseful(double[] counts, int size)
    {
        var losses = Enumerable.Range(0, counts.Length).AsParallel().AsOrdered().Select(piece => Loss(piece, counts[piece])).ToArray();
        return [.. Enumerable.Range(0, losses.Length).OrderByDescending(piece => losses[piece]).ThenBy(piece => unigram.Pieces[piece], StringComparer.Ordinal).Take(size).Order()];
    }

    // The log-likelihood that goes when a piece's uses are written with others.
    private double Loss(int piece, double count) => characters.Contains(unigram.Pieces[piece]) ? double.PositiveInfinity
        : count * (unigram.Scores[piece] - unigram.Segment(unigram.Pieces[piece], without: piece).Sum(other => unigram.Scores[other]));

    private void Keep(List<int> pieces, Func<int, double> score) =>
        unigram = new Unigram([.. pieces.Select(piece => unigram.Pieces[piece])], [.. pieces.Select(score)]);
}
