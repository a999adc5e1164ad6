using Allometry.Models;

namespace Allometry.Generation;

/// <summary>One beginning of an answer that grows by one token at a time, each chosen once and for all.</summary>
internal sealed class Walk(Limits limits, Walk.Choice choose) : Search
{
    /// <summary>The token to write among these scores; those that must not be written have minus infinity.</summary>
    public delegate int Choice(Span<float> scores);

    private readonly List<long> written = [];
    private bool ended;

    public override int Rows => ended ? 0 : 1;

    public override Written Best => SoFar;

    public override Written SoFar => new([.. written]);

    public override IReadOnlyList<Move> Advance(Scores scores, int first)
    {
        var row = scores.Of(first);
        limits.Apply(row, written);
        var token = choose(row);
        ended = float.IsNegativeInfinity(row[token]); // nothing may be written any more
        if (ended) return [];
        written.Add(token);
        ended = token == LanguageModel.End || written.Count >= limits.Longest;
        return ended ? [] : [new(0, token)];
    }
}
