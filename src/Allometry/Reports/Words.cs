namespace Allometry.Reports;

/// <summary>English for lists and numbers of things.</summary>
public static class Words
{
    public static string List(IEnumerable<string> items)
    {
        var all = items.ToArray();
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }

    public static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    public static string Some(int count, string one) => count == 1 ? $"one {one}" : $"{count} {one}s";
}
