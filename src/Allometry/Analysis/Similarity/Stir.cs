using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Similarity;

/// <summary>
/// STIR (Nanda et al. 2022, arXiv 2206.11939): how alike model 2 finds inputs X and X' that model 1 takes for the same, CKA(m2(X), m2(X')). It has a direction.
/// </summary>
public static class Stir
{
    /// <summary>X' is each example's nearest neighbour in the eyes of model 1 (Neerudu et al. 2023). A model against itself is not 1: that is how near neighbours are. Null: not defined.</summary>
    public static double? ByNeighbours(Features known, Features other)
    {
        LinearCka.Check(known.Count, other.Count);
        return known.Count < 2 ? null : LinearCka.Of(other, other.Choose(NearestNeighbours.Of(known))).Linear;
    }

    /// <summary>X' is whatever the caller found: what model 2 makes of X, and of X'.</summary>
    public static double? Of(Features other, Features otherOfInverted) => LinearCka.Of(other, otherOfInverted).Linear;

    /// <summary>Both directions by neighbours as the paper repeats them: each time on half of the examples, whose neighbours come from all of them.</summary>
    public static RepeatedStir Repeated(Features first, Features second, int repeats, long seed)
    {
        LinearCka.Check(first.Count, second.Count);
        if (first.Count < 4) throw new InputException("similarity: stir", $"{first.Count} examples have no halves to compare", "give at least 4");
        var (ofFirst, ofSecond) = (NearestNeighbours.Of(first), NearestNeighbours.Of(second));
        var draws = Enumerable.Range(0, repeats).Select(repeat =>
        {
            var half = Half(first.Count, RandomStream.For(seed, "stir", repeat));
            double? Given(Features other, int[] neighbours) => LinearCka.Of(other.Choose(half), other.Choose([.. half.Select(i => neighbours[i])])).Linear;
            return (Second: Given(second, ofFirst), First: Given(first, ofSecond));
        }).ToList();
        return new(Spread.Of(draws.Select(draw => draw.Second).OfType<double>()), Spread.Of(draws.Select(draw => draw.First).OfType<double>()));
    }

    private static int[] Half(int count, RandomStream random) => random.Permutation(count)[..(count / 2)];
}

/// <summary>STIR(second | first) and STIR(first | second) over repetitions; null where it was never defined.</summary>
public sealed record RepeatedStir(Spread? SecondGivenFirst, Spread? FirstGivenSecond);
