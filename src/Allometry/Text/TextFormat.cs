using System.Text;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>How the documents of one text are found; the extension decides, and the first character where there is none or another (.md, .tokens, .json).</summary>
internal static class TextFormat
{
    public const string Known = ".txt, .jsonl, .csv, .tsv or .parquet";

    public static bool Reads(string name) => Extension(name) is "" or ".txt" or ".jsonl" or ".ndjson" or ".csv" or ".tsv" or ".parquet";

    public static IEnumerable<string> Documents(string name, Stream content, Corpus corpus) => Extension(name) switch
    {
        ".txt" => Plain(Reader(name, content), corpus.Unit),
        ".jsonl" or ".ndjson" or ".csv" or ".tsv" => Cells(Reader(name, content), Extension(name), name, corpus.Field),
        ".parquet" => ParquetText.Column(name, content, corpus.Field),
        _ => Sniffed(Reader(name, content), name, corpus),
    };

    /// <summary>The column that a corpus means among those there are.</summary>
    public static string Field(string? wanted, IReadOnlyCollection<string> known, string where)
    {
        var field = wanted ?? (known.Count == 1 ? known.First() : "text");
        return known.Contains(field, StringComparer.Ordinal) ? field
            : throw new InputException(where, $"has no field '{field}'", Suggestion.For(field, known));
    }

    private static string Extension(string name) =>
        Path.GetExtension(name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name).ToLowerInvariant();

    private static StreamReader Reader(string name, Stream content) => new(new Utf8Stream(content, name), new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 1 << 16, leaveOpen: true);

    // wiki_00 and the like: WikiExtractor writes either form.
    private static IEnumerable<string> Sniffed(StreamReader reader, string name, Corpus corpus) => (char)Math.Max(0, reader.Peek()) switch
    {
        '{' => Cells(reader, ".jsonl", name, corpus.Field),
        '[' when Extension(name) == ".json" => throw new InputException(name, "is one JSON array", "write one object a line (.jsonl)"),
        '<' when Extension(name).Length == 0 => Wiki(reader),
        _ => Plain(reader, corpus.Unit),
    };

    private static IEnumerable<string> Cells(TextReader reader, string extension, string name, string? field) =>
        Rows.Read(reader, extension, name, problem => throw new InputException([problem]))
            .Select(row => row.Cells[Field(field, [.. row.Cells.Keys], row.Where)]);

    private static IEnumerable<string> Plain(TextReader reader, TextUnit unit) => unit switch
    {
        TextUnit.File => [reader.ReadToEnd()],
        TextUnit.Line => Lines(reader),
        _ => Paragraphs(reader),
    };

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static IEnumerable<string> Paragraphs(TextReader reader)
    {
        var lines = new List<string>();
        foreach (var line in Lines(reader).Append(""))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                lines.Add(line);
            }
            else if (lines.Count > 0)
            {
                yield return string.Join('\n', lines);
                lines.Clear();
            }
        }
    }

    // <doc id="..." url="..." title="..."> / title / blank / body / </doc>
    private static IEnumerable<string> Wiki(TextReader reader)
    {
        var lines = new List<string>();
        foreach (var line in Lines(reader))
        {
            if (line.StartsWith("<doc ", StringComparison.Ordinal)) lines.Clear();
            else if (line == "</doc>") yield return string.Join('\n', lines.Skip(1)).Trim();
            else lines.Add(line);
        }
    }
}
