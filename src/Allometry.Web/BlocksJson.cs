using System.Text.Json.Nodes;
using Allometry.Reports;

namespace Allometry.Web;

/// <summary>Sections of a report as the page's script draws them: texts stay texts, and charts are what the reports' script draws.</summary>
internal static class BlocksJson
{
    public static JsonArray Of(IEnumerable<Section> sections) =>
        [.. sections.Select(section => new JsonObject { ["name"] = section.Name, ["title"] = section.Title, ["blocks"] = new JsonArray([.. section.Blocks.Select(Of)]) })];

    private static JsonNode Of(Block block) => block switch
    {
        Paragraph paragraph => new JsonObject { ["kind"] = "paragraph", ["text"] = paragraph.Text, ["lead"] = paragraph.Lead },
        Listing listing => new JsonObject { ["kind"] = "listing", ["text"] = listing.Text },
        Chart chart => Of(chart),
        HeatMap map => Of(map.Numbers()),
        Table table => Of(table),
        _ => throw new InvalidOperationException($"The page does not know the block {block.GetType().Name}."),
    };

    private static JsonObject Of(Chart chart) => new()
    {
        ["kind"] = "chart",
        ["name"] = chart.Name,
        ["title"] = chart.Title,
        ["note"] = chart.Note,
        ["size"] = chart.Size.ToString().ToLowerInvariant(),
        ["label"] = $"{chart.Title}: {chart.Y.Label} over {chart.X.Label}",
        ["chart"] = JsonNode.Parse(JsonReport.OfChart(chart)),
    };

    private static JsonObject Of(Table table) => new()
    {
        ["kind"] = "table",
        ["title"] = table.Title,
        ["note"] = table.Note,
        ["columns"] = new JsonArray([.. table.ColumnsFor(Shown.OnPage).Select(column => new JsonObject { ["title"] = column.Title, ["unit"] = column.ShownUnit, ["numeric"] = column.Numeric })]),
        ["rows"] = new JsonArray([.. table.RowsShown.Select(row => new JsonArray([.. table.CellsFor(Shown.OnPage, row).Select(cell => JsonValue.Create(cell.Text))]))]),
    };
}
