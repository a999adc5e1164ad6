using System.Text.Json;
using System.Text.RegularExpressions;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.SuperGlue;

/// <summary>
/// ReCoRD as SuperGLUE publishes it, a passage a line, to rows with columns query, entities, passage, answer and answers (a JSON list). A query is one row
/// for each of its answers in train; elsewhere it is one row, since only the first of such rows counts in T5's scores.
/// </summary>
[Kind("record")]
public sealed partial record Record : Conversion
{
    public override IEnumerable<string> Columns => ["passage", "qas"];

    public override IEnumerable<Row> Rows(Row row, Split split, Action<Problem> report)
    {
        var passage = Cell<Passage>(row, "passage", "{ text, entities: [{ start, end }] }", report);
        var queries = Cell<IReadOnlyList<Asked>>(row, "qas", "[{ query, answers: [{ text }] }]", report);
        return passage is null || queries is null ? [] : queries.SelectMany((query, i) => Of(row, i, passage, query, split, report));
    }

    private static IEnumerable<Row> Of(Row row, int index, Passage passage, Asked asked, Split split, Action<Problem> report)
    {
        var within = $"query {index + 1}";
        string[] answers = [.. (asked.Answers ?? []).Select(answer => answer.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (answers.Length == 0) report(new Problem($"{row.File}:{row.Line}", $"its {within} has no answers", "take a split that is labelled"));
        else if (passage.Entities.FirstOrDefault(entity => entity.Start < 0 || entity.End < entity.Start || entity.End >= passage.Text.Length) is { } outside)
            report(new Problem($"{row.File}:{row.Line}", $"an entity is at {outside.Start} to {outside.End}, outside its passage", "get the file again"));
        else return answers.Take(split == Split.Train ? answers.Length : 1).Select(answer => Converted(row, within,
            ("query", asked.Query), ("entities", Entities(passage)), ("passage", Flat(passage.Text)), ("answer", answer), ("answers", JsonSerializer.Serialize(answers))));
        return [];
    }

    // Ends are inclusive.
    private static string Entities(Passage passage) => string.Join(", ",
        passage.Entities.Select(entity => passage.Text[entity.Start..(entity.End + 1)]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string Flat(string passage) =>
        AfterStop().Replace(passage, "$1 ").Replace("\n@highlight\n", ". ", StringComparison.Ordinal);

    [GeneratedRegex("""([.?!"'])\n@highlight\n""")]
    private static partial Regex AfterStop();

    private sealed record Passage(string Text, IReadOnlyList<Span> Entities);

    private sealed record Span(int Start, int End);

    private sealed record Asked(string Query, IReadOnlyList<Answered>? Answers = null);

    private sealed record Answered(string Text);
}
