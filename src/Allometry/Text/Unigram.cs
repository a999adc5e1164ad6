namespace Allometry.Text;

/// <summary>Pieces with log-probabilities, and the likeliest way to write a word with them (Viterbi). For estimation only: texts are encoded by <see cref="PieceTokenizer"/>.</summary>
internal sealed class Unigram
{
    private readonly Dictionary<(int Node, char Next), int> children = []; // a tree of prefixes, node 0 the root
    private readonly List<int> pieceAt = [-1];

    public Unigram(IReadOnlyList<string> pieces, double[] scores)
    {
        (Pieces, Scores) = (pieces, scores);
        for (var piece = 0; piece < pieces.Count; piece++) pieceAt[pieces[piece].Aggregate(0, Grow)] = piece;
    }

    public IReadOnlyList<string> Pieces { get; }

    public double[] Scores { get; }

    /// <summary>The piece numbers of the likeliest segmentation, last piece first; none where the word cannot be written. <paramref name="without"/> must not be used.</summary>
    public List<int> Segment(string word, int without = -1)
    {
        var best = new (double Score, int Piece)[word.Length + 1];
        Array.Fill(best, (double.NegativeInfinity, -1), 1, word.Length);
        for (var start = 0; start < word.Length; start++)
        {
            if (double.IsNegativeInfinity(best[start].Score)) continue;
            var node = 0;
            for (var end = start; end < word.Length && children.TryGetValue((node, word[end]), out node); end++)
            {
                var piece = pieceAt[node];
                if (piece < 0 || piece == without || best[start].Score + Scores[piece] <= best[end + 1].Score) continue;
                best[end + 1] = (best[start].Score + Scores[piece], piece);
            }
        }

        var pieces = new List<int>();
        for (var end = word.Length; end > 0 && best[end].Piece >= 0; end -= Pieces[pieces[^1]].Length) pieces.Add(best[end].Piece);
        return pieces;
    }

    private int Grow(int node, char next)
    {
        if (children.TryGetValue((node, next), out var child)) return child;
        pieceAt.Add(-1);
        return children[(node, next)] = pieceAt.Count - 1;
    }
}
