namespace Allometry.Text;

/// <summary>
/// The likeliest way to write a stretch of normalised text with pieces, in the single-precision arithmetic of SentencePiece (unigram_model.cc, EncodeOptimized). For one thread.
/// </summary>
internal sealed class PieceLattice(PieceTable table)
{
    private const float Ulp = 1.1920929e-7f; // neighbours of a single-precision x lie at most this times x apart
    private Node[] nodes = [];
    private int[] path = [];

    public int Capacity => nodes.Length;

    /// <summary>
    /// The pieces, unknown characters one by one; <paramref name="score"/> is that of the text before and then that with the word.
    /// <paramref name="reach"/>: the pieces are the same after any text whose score is smaller than this, however it is rounded.
    /// </summary>
    public ReadOnlySpan<int> Search(ReadOnlySpan<byte> word, ref float score, out float reach)
    {
        var lattice = Fill(word, score);
        var (first, gap) = (word.Length, float.PositiveInfinity);
        for (var end = word.Length; end > 0; end = lattice[end].Start)
        {
            path[--first] = lattice[end].Piece;
            gap = Math.Min(gap, lattice[end].Score - lattice[end].RunnerUp);
        }

        // Each of at most `steps` additions is off by at most half an ulp here and there, and each comparison is with a rounded number.
        var steps = word.Length + 2;
        var slack = steps * table.LargestScore;
        reach = (0.99f * gap / steps / Ulp) - Math.Abs(score) - (2 * slack);
        score = lattice[word.Length].Score;
        return path.AsSpan(first, word.Length - first);
    }

    // For each place in the word the best piece that ends there.
    private Span<Node> Fill(ReadOnlySpan<byte> word, float score)
    {
        if (nodes.Length <= word.Length) (nodes, path) = (new Node[2 * (word.Length + 1)], new int[2 * (word.Length + 1)]);
        var lattice = nodes.AsSpan(0, word.Length + 1);
        lattice.Fill(Node.Unreached);
        lattice[0].Score = score;
        for (int start = 0, next; start < word.Length; start = next)
        {
            next = Math.Min(start + NormalizedText.LengthOf(word[start]), word.Length);
            var (before, single, at) = ((double)lattice[start].Score, false, DoubleArray.Root);
            for (var end = start; end < word.Length && (at = table.Trie.Step(at, word[end])) != DoubleArray.None;)
            {
                var piece = table.Trie.ValueAt(at);
                end++;
                if (piece == DoubleArray.None) continue;
                lattice[end].Offer(before + table.Scores[piece], start, piece);
                single |= end == next;
            }

            if (!single) lattice[next].Offer(before + table.Scores[Tokenizer.Unknown], start, Tokenizer.Unknown);
        }

        return lattice;
    }

    private struct Node
    {
        public static readonly Node Unreached = new() { Score = float.NegativeInfinity, RunnerUp = float.NegativeInfinity };
        public float Score, RunnerUp;
        public int Start, Piece;

        public void Offer(double candidate, int start, int piece)
        {
            if (candidate > Score) (RunnerUp, Score, Start, Piece) = (Score, (float)candidate, start, piece);
            else if (candidate > RunnerUp) RunnerUp = (float)candidate;
        }
    }
}
