using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Allometry.Tests.Golden;

namespace Allometry.Tests.Tasks;

/// <summary>Rows of t5-formats.json, which have TensorFlow Datasets' fields, written as the data sets' own files have them.</summary>
internal static class PublishedFiles
{
    public static IReadOnlyList<JsonNode> Golden(string task) =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "t5-formats.json")))!["formats"]!.AsArray().Where(row => row!["task"]!.GetValue<string>() == task).Select(row => row!)];

    /// <summary>The raw rows of a task's goldens, each once, in their order.</summary>
    public static IReadOnlyList<JsonNode> Rows(IEnumerable<JsonNode> goldens) => [.. goldens.Select(golden => golden["row"]!).DistinctBy(row => row.ToJsonString())];

    public static byte[] Of(string task, IReadOnlyList<JsonNode> rows) => task switch
    {
        "sst2" => Tsv("sentence\tlabel", rows, row => [Text(row, "sentence"), Text(row, "label")]),
        "cola" => Tsv(null, rows, row => ["gj04", Text(row, "label"), "", Text(row, "sentence")]),
        "mrpc" => [.. Encoding.UTF8.Preamble, .. Tsv("Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", rows, row => [Text(row, "label"), "1", "2", Text(row, "sentence1"), Text(row, "sentence2")])],
        "qqp" => Tsv("id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", rows, row => ["0", "1", "2", Text(row, "question1"), Text(row, "question2"), Text(row, "label")]),
        "mnli" or "mnli-mismatched" => Tsv("index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label", rows,
            row => ["0", "1", "1e", "fiction", "( )", "( )", "( )", "( )", Text(row, "premise"), Text(row, "hypothesis"), Word(row, "entailment", "neutral", "contradiction"), Word(row, "entailment", "neutral", "contradiction")]),
        "qnli" => Tsv("index\tquestion\tsentence\tlabel", rows, row => ["0", Text(row, "question"), Text(row, "sentence"), Word(row, "entailment", "not_entailment")]),
        "glue-rte" => Tsv("index\tsentence1\tsentence2\tlabel", rows, row => ["0", Text(row, "sentence1"), Text(row, "sentence2"), Word(row, "entailment", "not_entailment")]),
        "wnli" => Tsv("index\tsentence1\tsentence2\tlabel", rows, row => ["0", Text(row, "sentence1"), Text(row, "sentence2"), Text(row, "label")]),
        "stsb" => Csv(null, rows, "sentence1", "sentence2", "label"),
        "samsum" => Csv("id,dialogue,summary", rows, "id", "dialogue", "summary"),
        "cnn-dailymail" => Csv("id,article,highlights", rows, "id", "article", "highlights"),
        "boolq" or "wic" => JsonLines(rows, row => With(row, "label", row["label"]!.GetValue<int>() == 1)),
        "cb" => JsonLines(rows, row => With(row, "label", Word(row, "entailment", "contradiction", "neutral"))),
        "axb" => JsonLines(rows, row => new JsonObject { ["sentence1"] = Text(row, "premise"), ["sentence2"] = Text(row, "hypothesis"), ["label"] = Word(row, "entailment", "not_entailment"), ["logic"] = "Negation" }),
        "rte" or "axg" => JsonLines(rows, row => With(row, "label", Word(row, "entailment", "not_entailment"))),
        "copa" => JsonLines(rows, row => row.DeepClone().AsObject()),
        "multirc" => JsonLines([.. rows.GroupBy(row => Text(row, "paragraph")).Select(group => new JsonArray([.. group.Select(row => row.DeepClone())]))], Passage),
        "record" => JsonLines(rows, Article),
        "wsc" => JsonLines(rows, Schema),
        "squad" or "squad-context-free" or "xquad" => Encoding.UTF8.GetBytes(new JsonObject { ["version"] = "1.1", ["data"] = new JsonArray(new JsonObject { ["title"] = "T", ["paragraphs"] = new JsonArray([.. rows.Select(Paragraph)]) }) }.ToJsonString(Indented)),
        _ => throw new ArgumentException(task),
    };

    /// <summary>A file by itself, or a zip archive of one.</summary>
    public static void Write(string path, byte[] content)
    {
        var zip = path.IndexOf(".zip/", StringComparison.Ordinal);
        var file = zip < 0 ? path : path[..(zip + 4)];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (zip < 0)
        {
            File.WriteAllBytes(path, content);
            return;
        }

        using var archive = ZipFile.Open(file, ZipArchiveMode.Update);
        using var entry = archive.CreateEntry(path[(zip + 5)..]).Open();
        entry.Write(content);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static byte[] Tsv(string? header, IReadOnlyList<JsonNode> rows, Func<JsonNode, string[]> cells) =>
        Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => string.Join('\t', cells(row))).Prepend(header).OfType<string>().Select(line => line + "\n")));

    private static byte[] Csv(string? header, IReadOnlyList<JsonNode> rows, params string[] columns) =>
        Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => string.Join(',', columns.Select(column => $"\"{Text(row, column).Replace("\"", "\"\"", StringComparison.Ordinal)}\""))).Prepend(header).OfType<string>().Select(line => line + "\r\n")));

    private static byte[] JsonLines(IReadOnlyList<JsonNode> rows, Func<JsonNode, JsonObject> line) =>
        Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => line(row).ToJsonString() + "\n")));

    private static JsonObject With(JsonNode row, string member, JsonNode value)
    {
        var changed = row.DeepClone().AsObject();
        changed[member] = value;
        return changed;
    }

    private static string Text(JsonNode row, string member) => row[member] is { } value ? value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() : "";

    private static string Word(JsonNode row, params string[] words) => words[row["label"]!.GetValue<int>()];

    private static JsonObject Passage(JsonNode answers) => new()
    {
        ["idx"] = 0,
        ["version"] = 1.1,
        ["passage"] = new JsonObject
        {
            ["text"] = Text(answers[0]!, "paragraph"),
            ["questions"] = new JsonArray(new JsonObject
            {
                ["question"] = Text(answers[0]!, "question"),
                ["idx"] = answers[0]!["idx"]!["question"]!.DeepClone(),
                ["answers"] = new JsonArray([.. answers.AsArray().Select(row => (JsonNode)new JsonObject { ["text"] = Text(row!, "answer"), ["idx"] = row!["idx"]!["answer"]!.DeepClone(), ["label"] = row["label"]!.DeepClone() })]),
            }),
        },
    };

    private static JsonObject Article(JsonNode row)
    {
        var passage = Text(row, "passage");
        JsonNode Span(JsonNode? entity) => new JsonObject { ["start"] = passage.IndexOf(entity!.GetValue<string>(), StringComparison.Ordinal), ["end"] = passage.IndexOf(entity.GetValue<string>(), StringComparison.Ordinal) + entity.GetValue<string>().Length - 1 };
        var answers = row["answers"]!.AsArray().Select(answer => { var span = Span(answer).AsObject(); span["text"] = answer!.GetValue<string>(); return (JsonNode)span; });
        return new JsonObject
        {
            ["source"] = "Daily mail",
            ["passage"] = new JsonObject { ["text"] = passage, ["entities"] = new JsonArray([.. row["entities"]!.AsArray().Reverse().Select(Span)]) },
            ["qas"] = new JsonArray(new JsonObject { ["query"] = Text(row, "query"), ["answers"] = new JsonArray([.. answers.Reverse()]), ["idx"] = row["idx"]!["query"]!.DeepClone() }),
            ["idx"] = row["idx"]!["passage"]!.DeepClone(),
        };
    }

    private static JsonObject Schema(JsonNode row) => new()
    {
        ["text"] = Text(row, "text"),
        ["target"] = new JsonObject(new[] { "span1_text", "span1_index", "span2_text", "span2_index" }.Select(name => KeyValuePair.Create(name, (JsonNode?)row[name]!.DeepClone()))),
        ["idx"] = 0,
        ["label"] = row["label"]!.GetValue<int>() == 1,
    };

    private static JsonNode Paragraph(JsonNode row) => new JsonObject
    {
        ["context"] = Text(row, "context"),
        ["qas"] = new JsonArray(new JsonObject
        {
            ["id"] = Text(row, "id"),
            ["question"] = Text(row, "question"),
            ["answers"] = new JsonArray([.. row["answers"]!["text"]!.AsArray().Select(answer => (JsonNode)new JsonObject { ["text"] = answer!.GetValue<string>(), ["answer_start"] = 0 })]),
        }),
    };
}
