using System.Text.Json;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>Rows of JSON: an object a line, or one document.</summary>
internal static class JsonRows
{
    public static IEnumerable<Row> Lines(TextReader reader, string path, Action<Problem> report)
    {
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text) && Object(text, $"{path}:{line}", report) is { } cells)
            {
                yield return new Row(path, line, cells);
            }
        }
    }

    /// <summary>The first line decides: an object of its own is the first of many, anything else the beginning of one document.</summary>
    public static IEnumerable<Row> LinesOrDocument(TextReader reader, string path, Action<Problem> report)
    {
        var text = reader.ReadToEnd();
        var first = text.AsSpan().TrimStart().ToString().Split('\n', 2)[0];
        return Object(first, path, _ => { }) is null ? Document(text, path) : Lines(new StringReader(text), path, report);
    }

    private static List<Row> Document(string text, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray().Select((item, i) => Item(item, i, path))]
                : json.RootElement.ValueKind == JsonValueKind.Object ? [new Row(path, 1, Cells(json.RootElement))]
                : throw new InputException(path, "is neither an object nor an array of objects", "write [{ \"column\": \"text\", ... }, ...]");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InputException(e is JsonException { LineNumber: { } line } ? $"{path}:{line + 1}" : path, "is neither one JSON document nor a JSON object a line", "get it again, or mend it there; it may have been cut short");
        }
    }

    private static Row Item(JsonElement item, int index, string path) => item.ValueKind == JsonValueKind.Object
        ? new Row(path, 1, Cells(item)) { Within = $"item {index + 1}" }
        : throw new InputException(path, $"item {index + 1} of its array is no object", "write [{ \"column\": \"text\", ... }, ...]");

    private static Dictionary<string, string>? Object(string text, string where, Action<Problem> report)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object) return Cells(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: an escaped half of a surrogate pair
        {
        }

        report(new Problem(where, "is not a JSON object", "write one { \"column\": \"text\", ... } a line"));
        return null;
    }

    private static Dictionary<string, string> Cells(JsonElement row) => row.EnumerateObject()
        .Where(member => member.Value.ValueKind != JsonValueKind.Null)
        .GroupBy(member => member.Name)
        .ToDictionary(same => same.Key, same => Cell(same.Last().Value), StringComparer.Ordinal);

    private static string Cell(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
