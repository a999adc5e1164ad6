using System.Runtime.InteropServices;

namespace Allometry.Tasks.Metrics;

/// <summary>Words as a multiset.</summary>
internal static class Bag
{
    public static Dictionary<string, int> Of(IEnumerable<string> words)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
        }

        return counts;
    }

    /// <summary>The size of the intersection of two multisets.</summary>
    public static int Shared(IEnumerable<string> left, IEnumerable<string> right)
    {
        var other = Of(right);
        return Of(left).Sum(pair => Math.Min(pair.Value, other.GetValueOrDefault(pair.Key)));
    }
}
