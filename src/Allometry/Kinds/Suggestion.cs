namespace Allometry.Kinds;

/// <summary>"Did you mean": the known word nearest to a mistyped one.</summary>
public static class Suggestion
{
    /// <summary>The word with the smallest edit distance, the ordinally first among equals; null where none is within a third of the word's length.</summary>
    public static string? Nearest(string word, IEnumerable<string> among) => AllNearest(word, among).FirstOrDefault();

    /// <summary>How to mend a mistyped word: the nearest known ones, or all of them.</summary>
    public static string For(string word, IEnumerable<string> among)
    {
        var known = among.Order(StringComparer.Ordinal).ToList();
        var near = AllNearest(word, known);
        return near is [.., var last] ? $"did you mean {string.Concat(near.SkipLast(1).Select((other, i) => i == near.Count - 2 ? $"'{other}' or " : $"'{other}', "))}'{last}'?"
            : known.Count == 0 ? "there is nothing to choose from" : $"known are {string.Join(", ", known)}";
    }

    // In ordinal order, all at the smallest distance.
    private static List<string> AllNearest(string word, IEnumerable<string> among) => word.Length == 0 ? [] : among
        .Select(candidate => (Word: candidate, Distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
        .Where(candidate => candidate.Distance <= Math.Max(1, word.Length / 3))
        .GroupBy(candidate => candidate.Distance, candidate => candidate.Word).MinBy(group => group.Key)?.Order(StringComparer.Ordinal).ToList() ?? [];

    // Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1 each.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, 1 + Math.Min(rows[i - 1, j], rows[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        return rows[a.Length, b.Length];
    }
}
