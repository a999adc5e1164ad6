using Allometry.Kinds;

namespace Allometry.Generation;

/// <summary>The likeliest token at every step.</summary>
[Kind("greedy")]
public sealed record GreedyDecoding : Decoding
{
    internal override Search Begin(Limits limits, long key) => new Walk(limits, Likeliest);

    /// <summary>The first of the highest scores.</summary>
    internal static int Likeliest(Span<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }
}
