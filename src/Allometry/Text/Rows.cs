using Allometry.Kinds;
using CsvHelper;

namespace Allometry.Text;

/// <summary>Streams the rows of a table in one of the forms of <see cref="TableFormat"/>: csv, tsv, jsonl or json, each also as .gz or inside an archive.</summary>
public static class Rows
{
    private static readonly CsvReaderOptions Csv = CsvReaderOptions.Default with { Separator = ',', DetectSeparatorHint = false };
    private static readonly CsvReaderOptions Tsv = Csv with { Separator = '\t', Mode = CsvMode.NoEscape };

    /// <summary>
    /// Rows in file order. The first line of csv and tsv names the columns unless <paramref name="form"/> does. A row that is wrong goes to
    /// <paramref name="report"/> and is left out; what concerns the whole file (missing, unknown extension, not UTF-8, cut short) is an <see cref="InputException"/>.
    /// </summary>
    public static IEnumerable<Row> Read(string path, Action<Problem> report, TableForm? form = null)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return TableFile.Rows(path, Reading(Path.GetExtension(name), path, report, form ?? new TableForm()));
    }

    /// <summary>Rows of a text that is open already, such as one inside an archive; <paramref name="extension"/> says its form, <paramref name="path"/> names it in problems.</summary>
    public static IEnumerable<Row> Read(TextReader reader, string extension, string path, Action<Problem> report) =>
        Reading(extension, path, report, new TableForm())(reader);

    private static Func<TextReader, IEnumerable<Row>> Reading(string extension, string path, Action<Problem> report, TableForm form) =>
        (form.Format ?? FormatOf(extension)) switch
        {
            TableFormat.Csv => reader => Separated(reader, path, Csv, report, form),
            TableFormat.Tsv => reader => Separated(reader, path, Tsv, report, form),
            TableFormat.Jsonl => reader => JsonRows.Lines(reader, path, report),
            TableFormat.Stories => reader => StoryRows.Read(reader, path, report),
            TableFormat.Json => reader => JsonRows.LinesOrDocument(reader, path, report),
            _ => throw new InputException(path, "is not a table that can be read", "use a file that ends in .csv, .tsv, .jsonl or .json, or one of these with .gz behind; or say its 'format'"),
        };

    private static TableFormat? FormatOf(string extension) => extension.ToLowerInvariant() switch
    {
        ".csv" => TableFormat.Csv,
        ".tsv" => TableFormat.Tsv,
        ".jsonl" or ".ndjson" => TableFormat.Jsonl,
        ".json" => TableFormat.Json,
        _ => null,
    };

    private static IEnumerable<Row> Separated(TextReader reader, string path, CsvReaderOptions separated, Action<Problem> report, TableForm form)
    {
        var options = separated with
        {
            HasHeader = false, // read here: its line may be wrong too
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = bad => report(Malformed(bad, path)),
        };
        using var csv = CsvReader.Create(reader, options);
        var columns = form.Columns;
        for (var first = true; csv.Read(); first = false)
        {
            var cells = csv.Current.ToArray();
            if (columns is null)
            {
                columns = Header(cells, path);
            }
            else if (cells.Length == columns.Count)
            {
                if (first && cells.SequenceEqual(columns, StringComparer.Ordinal)) continue;
                yield return new Row(path, (int)csv.LineNumber, columns.Zip(cells).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
            }
            else if (!form.SkipShort || cells.Length > columns.Count)
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
}
