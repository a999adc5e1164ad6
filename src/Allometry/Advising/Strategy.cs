using Allometry.Models;

namespace Allometry.Advising;

/// <summary>What is made larger first when there is more to spend.</summary>
public abstract record Strategy
{
    /// <summary>The rule in a few words, as a sentence begins.</summary>
    public abstract string Words { get; }

    /// <summary>Each width as large as fits, the strategy's own choice first, then its neighbours; empty where nothing fits.</summary>
    public abstract IReadOnlyList<Shape> Propose(IReadOnlyList<Shape> widths, Func<Shape, bool> fits);

    /// <summary>Every shape that could be proposed.</summary>
    public abstract IEnumerable<Shape> Grid(IReadOnlyList<Shape> widths);

    /// <summary>Why much of a limit stays unused by its choice, as a clause; null where that is for want of finer steps alone.</summary>
    public abstract string? WhyUnused(Shape choice);
}
