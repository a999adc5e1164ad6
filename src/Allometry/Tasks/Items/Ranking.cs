namespace Allometry.Tasks.Items;

/// <summary>
/// How well wanted items are ranked: mean reciprocal rank, hit rate and normalised discounted cumulative gain of the first places, means over lists. A list has one wanted item.
/// </summary>
public sealed record Ranking(double ReciprocalRank, double HitRate, double Gain)
{
    /// <summary>Of ranks that count from 0, looking at so many first places.</summary>
    public static Ranking Of(IEnumerable<int> ranks, int places = 5)
    {
        var gains = ranks.Select(rank => rank < places ? new Ranking(1.0 / (rank + 1), 1, 1 / Math.Log2(rank + 2)) : new(0, 0, 0)).ToList();
        return new(gains.Average(gain => gain.ReciprocalRank), gains.Average(gain => gain.HitRate), gains.Average(gain => gain.Gain));
    }

    /// <summary>The place of an item in the order of scores, from 0: items of the same score stand before it where pessimistic (the authors' code), else after it. A score that is no number ranks the item last.</summary>
    public static int RankOf(ReadOnlySpan<float> scores, int wanted, bool pessimistic = true)
    {
        var (rank, score) = (0, scores[wanted]);
        for (var i = 0; i < scores.Length; i++)
            if (i != wanted && (pessimistic ? !(scores[i] < score) : scores[i] > score)) rank++;
        return rank;
    }
}
