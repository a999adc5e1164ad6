using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Allometry.Reports;

/// <summary>
/// A report as one JSON document: answer, tables as arrays of objects, charts as series of points, every run.
/// Numbers are numbers, exact; what is unknown is null.
/// </summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private static readonly JsonSerializerOptions Compact = new(Options) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string Render(Report report) => Json(report).ToJsonString(Options);

    /// <summary>A page that is of no study: its title, first section, tables and charts.</summary>
    public static string Render(Page page) => new JsonObject { ["title"] = page.Title, ["answer"] = Answer(page), ["tables"] = Tables(page), ["charts"] = Charts(page) }.ToJsonString(Options);

    public static JsonObject Json(Report report) => new()
    {
        ["study"] = report.Study.Name,
        ["created"] = report.Study.Created,
        ["answer"] = Answer(report),
        ["tables"] = Tables(report),
        ["charts"] = Charts(report),
        ["runs"] = JsonSerializer.SerializeToNode(report.Study.Runs, Options),
        ["environment"] = JsonSerializer.SerializeToNode(report.Study.Environment, Options),
        ["recipe"] = report.Study.RecipeYaml,
    };

    /// <summary>What the page's script draws.</summary>
    public static string OfChart(Chart chart) => JsonSerializer.Serialize(chart, Compact);

    private static JsonArray Answer(Page page) => new([.. page.Answer.Select(sentence => (JsonNode)sentence)]);

    private static JsonObject Tables(Page page) => new(page.Tables.Select(table => KeyValuePair.Create(table.Name, (JsonNode?)Rows(table))));

    private static JsonObject Charts(Page page) => new(page.Charts.Select(chart => KeyValuePair.Create(chart.Name, JsonSerializer.SerializeToNode(chart, Options))));

    private static JsonArray Rows(Table table) => new([.. table.Rows.Select(row => (JsonNode)RowOf(table, row))]);

    private static JsonObject RowOf(Table table, IReadOnlyList<Cell> row) =>
        new(table.Named(row).Select(pair => KeyValuePair.Create(pair.Column.Name, JsonSerializer.SerializeToNode(pair.Cell.Value, Options))));
}
