using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>One published point, as its source gives it: what the source does not say is null, and nothing is filled in.</summary>
/// <param name="Table">Where in the paper; <c>RELATED</c> in front: not of this paper.</param>
/// <param name="Quality">Scores by name, 0 to 100.</param>
/// <param name="Verbatim">What the source gives in words of its own, by <see cref="InWords"/>.</param>
/// <param name="Kind">How the number came here: transcribed, read off a figure, or only a name.</param>
public sealed record PublishedResult(
    string Table, string Model, double? Parameters, double? StepsPerSecond, double? NegLogPerplexity, IReadOnlyDictionary<string, double> Quality, string Kind, string Source, string Note,
    IReadOnlyDictionary<string, string> Verbatim)
{
    private const string Embedded = "scaling/scale-efficiently-results.tsv";

    /// <summary>Columns that must be there; scores, parameters and the rest may be empty in any row.</summary>
    private static readonly string[] Needed = ["table", "model", "params", "steps_per_s", "neg_log_perplexity", "value_kind", "source", "note"];

    public static IReadOnlyList<string> Scores { get; } = ["glue", "superglue", "squad"];

    public static IReadOnlyList<string> InWords { get; } = ["num_layers_enc", "num_layers_dec", "baseline", "params_vs_baseline", "flops_vs_baseline", "speed_vs_baseline"];

    public bool IsOfThePaper => !Table.StartsWith("RELATED", StringComparison.Ordinal);

    public double? Score(string name) => Quality.TryGetValue(name, out var score) ? score : null;

    /// <summary>The table that comes with Allometry (data/scaling, data/ATTRIBUTION.md).</summary>
    public static IReadOnlyList<PublishedResult> All()
    {
        using var reader = new StreamReader(typeof(PublishedResult).Assembly.GetManifestResourceStream(Embedded) ?? throw new InvalidOperationException($"The assembly lacks its resource {Embedded}."));
        List<Problem> problems = [];
        return Of(Embedded, [.. Rows.Read(reader, ".tsv", Embedded, problems.Add)], problems);
    }

    /// <summary>A table of the same columns.</summary>
    public static IReadOnlyList<PublishedResult> Read(string path)
    {
        List<Problem> problems = [];
        return Of(path, [.. Rows.Read(path, problems.Add)], problems);
    }

    private static PublishedResult[] Of(string path, Row[] rows, List<Problem> problems)
    {
        if (rows.Length == 0) problems.Add(new(path, "there are no rows in it", "give a table of published results"));
        else problems.AddRange(Needed.Where(column => !rows[0].Cells.ContainsKey(column)).Select(column => new Problem(path, $"has no column '{column}'", $"a table of published results has {string.Join(", ", Needed)} and scores such as {string.Join(", ", Scores)}")));
        if (problems.Count > 0) throw new InputException(problems);
        PublishedResult[] results = [.. rows.Select(row => Of(row, problems))];
        return problems.Count == 0 ? results : throw new InputException(problems);
    }

    private static PublishedResult Of(Row row, List<Problem> problems)
    {
        double? Number(string column) => row.Cells.GetValueOrDefault(column, "") is not { Length: > 0 } text ? null : Quantity.TryNumber(text, out var value) ? value : Wrong(row, column, text, problems);
        var quality = Scores.Select(score => (score, Value: Number(score))).Where(pair => pair.Value is not null).ToDictionary(pair => pair.score, pair => pair.Value!.Value);
        return new(row.Cells["table"], row.Cells["model"], Number("params"), Number("steps_per_s"), Number("neg_log_perplexity"), quality, row.Cells["value_kind"], row.Cells["source"], row.Cells["note"],
            InWords.ToDictionary(column => column, column => row.Cells.GetValueOrDefault(column, "")));
    }

    private static double? Wrong(Row row, string column, string text, List<Problem> problems)
    {
        problems.Add(new(row.Where, $"{column} is '{text}', which is no number", "write 3.6B, 223M or a plain number, or leave it empty where the source is silent"));
        return null;
    }
}
