namespace Allometry.Tasks;

/// <summary>Groups examples for evaluation, where order is free: neighbours in length share a batch, so that little is padding.</summary>
public static class Collator
{
    /// <summary>
    /// Indices of examples, shortest inputs first, so many at a time that rows x longest input stays within <paramref name="tokens"/> (one row always fits).
    /// </summary>
    public static IEnumerable<IReadOnlyList<int>> ByLength(IReadOnlyList<Example> examples, int tokens)
    {
        var group = new List<int>();
        foreach (var i in Enumerable.Range(0, examples.Count).OrderBy(i => examples[i].Inputs.Length).ThenBy(i => i))
        {
            if (group.Count > 0 && (group.Count + 1) * examples[i].Inputs.Length > tokens)
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
