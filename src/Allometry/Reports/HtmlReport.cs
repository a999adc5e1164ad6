using System.Text.Encodings.Web;
using System.Xml.Linq;

namespace Allometry.Reports;

/// <summary>
/// A page as one HTML file that opens offline: styles, script and plotly.js are inside, and its policy forbids the browser to load anything.
/// The body is well-formed XML, so nothing of a study's text can become markup; without JavaScript the tables stand alone.
/// </summary>
public static class HtmlReport
{
    private const string Policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";
    private const int PointsOfASeries = 12;

    /// <summary>Longer words than a name may break into lines.</summary>
    private const int LongText = 28, Sentences = 90;

    public static string Render(Page page) =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="{Policy}"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>{HtmlEncoder.Default.Encode(page.Title)} – Allometry</title>
        <style>{Resource("report.css")}</style>
        </head>
        {Body(page).ToString(SaveOptions.DisableFormatting)}
        <script>{Resource("plotly.js")}</script>
        <script>{Resource("report.js")}</script>
        </html>

        """;

    private static XElement Body(Page page) => new("body",
        new XElement("main",
            Header(page),
            new XElement("noscript", Text("p", "hint", "Charts need JavaScript; all their numbers are in the tables, which do not.")),
            page.Sections.Select(Of)),
        Text("footer", null, $"Written by Allometry {page.Version}. This file holds everything it shows and loads nothing; every table and chart lies beside it as CSV."));

    private static XElement Header(Page page) => new("header",
        Text("p", "kicker", page.Kicker),
        Text("h1", null, page.Title),
        Text("p", "byline", page.Byline),
        new XElement("nav", page.Sections.Select(section => new XElement("a", new XAttribute("href", "#" + section.Name), section.Title))));

    private static XElement Of(Section section) => new("section", new XAttribute("id", section.Name),
        Text("h2", null, section.Title), Groups(section.Blocks).Select(group => group.Length == 1 ? Of(group[0]) : Grid(group)));

    /// <summary>Charts of one size that follow each other stand side by side.</summary>
    private static IEnumerable<Block[]> Groups(IReadOnlyList<Block> blocks)
    {
        for (var i = 0; i < blocks.Count;)
        {
            var alike = blocks[i] is Chart { Size: not Size.Full and var size } ? blocks.Skip(i).TakeWhile(block => block is Chart chart && chart.Size == size).ToArray() : [blocks[i]];
            yield return alike;
            i += alike.Length;
        }
    }

    private static XElement Grid(Block[] charts) => new("div", new XAttribute("class", $"grid {SizeOf(charts[0])}"), charts.Select(Of));

    private static XElement Of(Block block) => block switch
    {
        Paragraph paragraph => Text("p", paragraph.Lead ? "lead" : null, paragraph.Text),
        Listing listing => new XElement("pre", new XAttribute("tabindex", "0"), Text("code", null, listing.Text.TrimEnd('\n'))),
        Table table => new XElement("figure", Text("h3", null, table.Title), Of(table), Note(table.Note)),
        HeatMap map => Of(map),
        Chart chart => Of(chart),
        _ => throw new InvalidOperationException($"HTML does not know the block {block.GetType().Name}."),
    };

    private static XElement Of(Chart chart) => new("figure", new XAttribute("class", $"chart {SizeOf(chart)}"),
        Text("h3", null, chart.Title),
        new XElement("div", new XAttribute("class", "plot"), new XAttribute("role", "img"),
            new XAttribute("aria-label", $"{chart.Title}: {chart.Y.Label} over {chart.X.Label}"), new XAttribute("data-chart", JsonReport.OfChart(chart)), ""),
        Note(chart.Note),
        new XElement("details", Text("summary", null, "Numbers"), Of(chart.Numbers(PointsOfASeries)), File(chart.Name)));

    /// <summary>All numbers, exact; the link leads to the file that is written beside the page.</summary>
    private static XElement File(string name) => new("p", new XAttribute("class", "hint"), "All of them: ", new XElement("a", new XAttribute("href", $"{name}.csv"), $"{name}.csv"), ", beside this page.");

    private static XElement Of(HeatMap map) => new("figure", Text("h3", null, map.Title),
        new XElement("div", new XAttribute("class", "scroll"), new XAttribute("tabindex", "0"), new XElement("table", new XAttribute("class", "heat"),
            new XElement("thead", new XElement("tr", Text("th", null, $"{map.RowTitle} ↓ {map.ColumnTitle} →"), map.Columns.Select(column => Text("th", "number", column)))),
            new XElement("tbody", map.Rows.Select((row, i) => new XElement("tr", Text("th", null, row), map.Values[i].Select(Shaded)))))),
        Note(map.Note));

    private static XElement Shaded(double? value) => HeatMap.Shade(value) is { } shade
        ? new("td", new XAttribute("class", "number"), new XAttribute("style", $"--shade: {shade}"), Cell.Of(value, Numerals.Score).Text)
        : Text("td", "number", Cell.Empty.Text);

    private static string SizeOf(Block block) => block is Chart chart ? chart.Size.ToString().ToLowerInvariant() : "";

    private static XElement? Note(string note) => note.Length == 0 ? null : Text("figcaption", null, note);

    private static XElement Of(Table table) => new("div", new XAttribute("class", "scroll"), new XAttribute("tabindex", "0"),
        new XElement("table",
            new XElement("thead", new XElement("tr", table.ColumnsFor(Shown.OnPage).Select(Head))),
            new XElement("tbody", table.RowsShown.Select(row => new XElement("tr", table.CellsFor(Shown.OnPage, row).Zip(table.ColumnsFor(Shown.OnPage), CellOf))))));

    private static XElement Head(Column column) => new("th", new XAttribute("scope", "col"), Class(column), column.Title,
        column.ShownUnit.Length == 0 ? null : new object[] { " ", Text("small", null, column.ShownUnit) });

    private static XElement CellOf(Cell cell, Column column) => new("td", Class(column) ?? Class(cell), cell.Text);

    private static XAttribute? Class(Column column) => column.Numeric ? new("class", "number") : null;

    private static XAttribute? Class(Cell cell) => cell.Value is bool holds ? new("class", holds ? "yes" : "no") : cell.Text.Length > LongText ? new("class", cell.Text.Length > Sentences ? "prose" : "long") : null;

    private static XElement Text(string name, string? kind, string text) => new(name, kind is null ? null : new XAttribute("class", kind), text);

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {name}.");
        return new StreamReader(stream).ReadToEnd();
    }
}
