using Spectre.Console;

namespace Allometry.Reports;

/// <summary>The short form of a page for a terminal: the answer, the tables, what is missing. Charts are left to the page.</summary>
public static class ConsoleReport
{
    public static void Write(Page page, IAnsiConsole console)
    {
        foreach (var section in page.Sections.Where(section => section.InBrief))
        {
            console.Write(new Rule(Markup.Escape(section.Title)) { Justification = Justify.Left, Style = Style.Parse("grey") });
            foreach (var block in section.Blocks.Where(block => block is Paragraph or Table)) Write(block, console);
        }
    }

    private static void Write(Block block, IAnsiConsole console)
    {
        if (block is Paragraph paragraph) console.MarkupLineInterpolated(paragraph.Lead ? $"[bold]{paragraph.Text}[/]" : (FormattableString)$"{paragraph.Text}");
        if (block is Table table) Write(table, console);
        console.WriteLine();
    }

    public static void Write(Table table, IAnsiConsole console)
    {
        var drawn = new Spectre.Console.Table { Border = TableBorder.Simple, Title = new TableTitle(Markup.Escape(table.Title)) };
        foreach (var column in table.ColumnsFor(Shown.Everywhere)) drawn.AddColumn(new TableColumn(Markup.Escape(column.Title)) { Alignment = column.Numeric ? Justify.Right : Justify.Left });
        foreach (var row in table.RowsShown) drawn.AddRow([.. table.CellsFor(Shown.Everywhere, row).Select(cell => new Spectre.Console.Text(cell.Text))]);
        console.Write(drawn);
        if (table.Note.Length > 0) console.MarkupLineInterpolated($"[grey]{table.Note}[/]");
    }
}
