namespace Allometry.Generation;

/// <summary>The search for the answer to one prompt, while it goes on.</summary>
internal abstract class Search
{
    /// <summary>How many rows of the model it has: beginnings of an answer that are still looked at.</summary>
    public abstract int Rows { get; }

    /// <summary>Whether it goes on.</summary>
    public bool IsOpen => Rows > 0;

    /// <summary>The best whole answer, once the search has ended.</summary>
    public abstract Written Best { get; }

    /// <summary>The beginning of the answer that nothing can change any more.</summary>
    public abstract Written SoFar { get; }

    /// <summary>Looks at the scores of its rows, the first of which is row <paramref name="first"/>, and says how it goes on: a move for each of its rows from now on.</summary>
    public abstract IReadOnlyList<Move> Advance(Scores scores, int first);
}

/// <summary>One row of the next step: which row (counted from the search's first) it continues, and by which token.</summary>
internal readonly record struct Move(int Parent, long Token);
