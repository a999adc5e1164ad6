using System.Text;

namespace Allometry.Reports;

/// <summary>A page as GitHub-flavoured markdown; a chart is the table of its points, a few of each series.</summary>
public static class MarkdownReport
{
    private const int PointsOfASeries = 8;

    public static string Render(Page page)
    {
        var text = new StringBuilder($"# {Escape(page.Title)}\n");
        foreach (var section in page.Sections)
        {
            text.Append($"\n## {Escape(section.Title)}\n");
            foreach (var block in section.Blocks) text.Append('\n').Append(Of(block));
        }
        return text.ToString();
    }

    private static string Of(Block block) => block switch
    {
        Paragraph paragraph => Escape(paragraph.Text) + "\n",
        Listing listing => $"```{listing.Language}\n{listing.Text.TrimEnd('\n')}\n```\n",
        Table table => OfTable(table),
        HeatMap map => OfTable(map.Grid()),
        Chart chart => OfTable(chart.Numbers(PointsOfASeries) with { Note = chart.Note }),
        _ => throw new InvalidOperationException($"Markdown does not know the block {block.GetType().Name}."),
    };

    public static string OfTable(Table table)
    {
        var columns = table.ColumnsFor(Shown.OnPage).ToArray();
        var text = new StringBuilder($"**{Escape(table.Title)}**\n\n");
        text.Append(Line(columns.Select(Header))).Append(Line(columns.Select(column => column.Numeric ? "---:" : "---")));
        foreach (var row in table.RowsShown) text.Append(Line(table.CellsFor(Shown.OnPage, row).Select(cell => Escape(cell.Text))));
        return text.Append(table.Note.Length > 0 ? $"\n{Escape(table.Note)}\n" : "").ToString();
    }

    private static string Header(Column column) => Escape(column.ShownUnit.Length > 0 ? $"{column.Title} ({column.ShownUnit})" : column.Title);

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |\n";

    /// <summary>Names come from people: nothing of theirs may become markup.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text.ReplaceLineEndings(" "))
            escaped.Append("\\`*_[]<>|".Contains(character) ? $"\\{character}" : character.ToString());
        return escaped.ToString();
    }
}
