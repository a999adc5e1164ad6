namespace Allometry.Tasks;

/// <summary>Groups examples where their order is free: neighbours in length share a batch, so that little is padding.</summary>
public static class Collator
{
    /// <summary>The examples in as few groups as it takes for padding to be at most this share of all tokens computed (a single example has none); cut first where it saves most. No group is cut into fewer than <paramref name="least"/> examples.</summary>
    public static IReadOnlyList<IReadOnlyList<Example>> Cut(IReadOnlyList<Example> examples, double mostPadding, int least = 1)
    {
        List<LengthGroup> groups = [new(examples)];
        while (groups.Sum(group => group.Padding) > mostPadding * groups.Sum(group => group.Positions))
        {
            if (groups.Where(group => group.Examples.Count >= 2 * least).MaxBy(group => group.Padding) is not { } widest) break;
            var (one, other) = widest.Cut(least);
            var at = groups.IndexOf(widest);
            groups[at] = one;
            groups.Insert(at + 1, other);
        }

        return [.. groups.Select(group => group.Examples)];
    }

    /// <summary>
    /// Indices of examples, shortest inputs first, so many at a time that rows x (longest input + <paramref name="beside"/>, what is computed for each row beside it)
    /// stays within <paramref name="tokens"/> (one row always fits).
    /// </summary>
    public static IEnumerable<IReadOnlyList<int>> ByLength(IReadOnlyList<Example> examples, int tokens, int beside = 0)
    {
        var group = new List<int>();
        foreach (var i in Enumerable.Range(0, examples.Count).OrderBy(i => examples[i].Inputs.Length).ThenBy(i => i))
        {
            if (group.Count > 0 && (group.Count + 1L) * (examples[i].Inputs.Length + beside) > tokens)
            {
                yield return group;
                group = [];
            }

            group.Add(i);
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }
}
