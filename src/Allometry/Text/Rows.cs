using System.Text;
using System.Text.Json;
using Allometry.Kinds;
using CsvHelper;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;

namespace Allometry.Text;

/// <summary>
/// Streams the rows of a table: csv (RFC 4180: a cell with commas or line breaks stands in double quotes), tsv (no quoting: a quote is a character like
/// any other) or jsonl (an object a line; strings as they are, other values as JSON text, null as if left out), each also as .gz.
/// </summary>
public static class Rows
{
    private static readonly CsvReaderOptions Csv = CsvReaderOptions.Default with { Separator = ',', DetectSeparatorHint = false };
    private static readonly CsvReaderOptions Tsv = Csv with { Separator = '\t', Mode = CsvMode.NoEscape };

    /// <summary>
    /// Rows in file order. The first line of csv and tsv names the columns unless <paramref name="columns"/> does. A row that is wrong goes to
    /// <paramref name="report"/> and is left out; what concerns the whole file (missing, unknown extension, not UTF-8, cut short) is an <see cref="InputException"/>.
    /// </summary>
    public static IEnumerable<Row> Read(string path, Action<Problem> report, IReadOnlyList<string>? columns = null)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        var read = Reading(Path.GetExtension(name), path, report, columns);
        return Guarded(path, read);
    }

    /// <summary>Rows of a text that is open already, such as one inside an archive; <paramref name="extension"/> says its form, <paramref name="path"/> names it in problems.</summary>
    public static IEnumerable<Row> Read(TextReader reader, string extension, string path, Action<Problem> report, IReadOnlyList<string>? columns = null) =>
        Reading(extension, path, report, columns)(reader);

    private static Func<TextReader, IEnumerable<Row>> Reading(string extension, string path, Action<Problem> report, IReadOnlyList<string>? columns) =>
        extension.ToLowerInvariant() switch
        {
            ".csv" => reader => Separated(reader, path, Csv, report, columns),
            ".tsv" => reader => Separated(reader, path, Tsv, report, columns),
            ".jsonl" or ".ndjson" or ".json" => reader => JsonLines(reader, path, report),
            _ => throw new InputException(path, "is not a table that can be read", "use a file that ends in .csv, .tsv or .jsonl, or one of these with .gz behind"),
        };

    private static IEnumerable<Row> Separated(TextReader reader, string path, CsvReaderOptions form, Action<Problem> report, IReadOnlyList<string>? columns)
    {
        var options = form with
        {
            HasHeader = false, // read here: its line may be wrong too
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = bad => report(Malformed(bad, path)),
        };
        using var csv = CsvReader.Create(reader, options);
        while (csv.Read())
        {
            var cells = csv.Current.ToArray();
            if (columns is null)
            {
                columns = Header(cells, path);
            }
            else if (cells.Length == columns.Count)
            {
                yield return new Row(path, (int)csv.LineNumber, columns.Zip(cells).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
            }
            else
            {
                report(new Problem($"{path}:{csv.LineNumber}", $"has {cells.Length} cells where the table has {columns.Count} columns", "give every row one cell for each column"));
            }
        }
    }

    private static Problem Malformed(CsvMalformedRecord bad, string path) => new($"{path}:{bad.LineNumber}",
        bad.Reason == CsvMalformedReason.UnterminatedQuote ? "opens a double quote that is never closed" : "has a double quote inside a cell",
        "put the cell in double quotes and double the quotes in it");

    private static string[] Header(string[] names, string path) =>
        names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new InputException($"{path}:1", $"names the column '{twice.Key}' {twice.Count()} times", "give each column a name of its own in the first line")
            : names;

    private static IEnumerable<Row> JsonLines(TextReader reader, string path, Action<Problem> report)
    {
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text) && Object(text, $"{path}:{line}", report) is { } cells)
            {
                yield return new Row(path, line, cells);
            }
        }
    }

    private static Dictionary<string, string>? Object(string text, string where, Action<Problem> report)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                var members = json.RootElement.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null);
                return members.GroupBy(m => m.Name).ToDictionary(g => g.Key, g => Cell(g.Last().Value), StringComparer.Ordinal);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: an escaped half of a surrogate pair
        {
        }

        report(new Problem(where, "is not a JSON object", "write one { \"column\": \"text\", ... } a line"));
        return null;
    }

    private static string Cell(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    // Opens the file and turns what the file itself can do wrong into a message; rows are passed on as they are read.
    private static IEnumerable<Row> Guarded(string path, Func<TextReader, IEnumerable<Row>> read)
    {
        if (!File.Exists(path))
        {
            throw new InputException(path, "does not exist", "check the path; a relative one starts at the recipe's folder");
        }

        using var reader = new StreamReader(Open(path), new UTF8Encoding(false, throwOnInvalidBytes: true));
        using var rows = read(reader).GetEnumerator();
        while (Next(rows, path))
        {
            yield return rows.Current;
        }
    }

    private static bool Next(IEnumerator<Row> rows, string path)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"{path}:{InvalidLine(path)}", "is not UTF-8", "save the file as UTF-8");
        }
        catch (Exception e) when (e is SharpZipBaseException or EndOfStreamException)
        {
            throw new InputException(path, "is not a whole gzip file", "get it again; it is damaged or was cut short");
        }
    }

    // Not .NET's own GZipStream: it takes a file that was cut short for a whole one.
    private static Stream Open(string path)
    {
        var file = File.OpenRead(path);
        return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipInputStream(file) : file;
    }

    // A decoder does not say where it failed. Latin-1 gives every byte as one character, so that lines can be tried one by one.
    private static int InvalidLine(string path)
    {
        using var reader = new StreamReader(Open(path), Encoding.Latin1, detectEncodingFromByteOrderMarks: false);
        var line = 1;
        while (reader.ReadLine() is { } text && System.Text.Unicode.Utf8.IsValid(Encoding.Latin1.GetBytes(text)))
        {
            line++;
        }

        return line;
    }
}
