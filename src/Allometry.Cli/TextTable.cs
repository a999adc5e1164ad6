namespace Allometry.Cli;

/// <summary>A table of plain text: the first columns to the left, numbers to the right.</summary>
public sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [headings];

    /// <summary>How many columns hold words rather than numbers.</summary>
    public int Words { get; init; } = 1;

    public void Add(params string[] cells) => rows.Add(cells);

    public void Print(TextWriter writer)
    {
        var widths = Enumerable.Range(0, headings.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            writer.WriteLine(string.Join("  ", row.Select((cell, i) => i < Words ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
    }
}
