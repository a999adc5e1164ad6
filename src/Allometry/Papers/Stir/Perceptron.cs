using Allometry.Text;

namespace Allometry.Papers.Stir;

/// <summary>Learns a tagger's weights: where the best tag is wrong, the right one's gain and its own lose; what is kept is their mean over all words seen.</summary>
internal sealed class Perceptron(int tags)
{
    private readonly Dictionary<string, Row> rows = new(StringComparer.Ordinal);
    private long seen;

    public Dictionary<string, double[]> Learn(Tagger tagger, IReadOnlyList<TaggedWord[]> sentences, int epochs)
    {
        TaggedWord[][] order = [.. sentences];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            foreach (var sentence in order)
                tagger.Walk([.. sentence.Select(word => word.Text)], new int[sentence.Length], (i, features) => Guess(features, tagger.Number(sentence[i].Tag)));
            RandomStream.For(1, "tagger", epoch).Shuffle(order.AsSpan());
        }
        return rows.ToDictionary(row => row.Key, row => row.Value.Means(seen), StringComparer.Ordinal);
    }

    /// <summary>The tag that was best so far, from which is learnt.</summary>
    private int Guess(string[] features, int right)
    {
        Row[] known = [.. features.Select(Of)];
        var scores = new double[tags];
        foreach (var row in known)
            for (var tag = 0; tag < tags; tag++) scores[tag] += row.Weights[tag];
        var guess = Array.IndexOf(scores, scores.Max());
        seen++;
        if (guess != right)
            foreach (var row in known)
            {
                row.Add(right, 1, seen);
                row.Add(guess, -1, seen);
            }
        return guess;
    }

    private Row Of(string feature)
    {
        if (!rows.TryGetValue(feature, out var row)) rows[feature] = row = new(tags);
        return row;
    }

    /// <summary>The weights of one feature, and what they sum to over the words seen.</summary>
    private sealed class Row(int tags)
    {
        private readonly double[] totals = new double[tags];
        private readonly long[] changed = new long[tags];

        public double[] Weights { get; } = new double[tags];

        public void Add(int tag, double change, long seen)
        {
            totals[tag] += (seen - changed[tag]) * Weights[tag];
            changed[tag] = seen;
            Weights[tag] += change;
        }

        public double[] Means(long seen) => [.. Weights.Select((weight, tag) => (totals[tag] + ((seen - changed[tag]) * weight)) / Math.Max(1, seen))];
    }
}
