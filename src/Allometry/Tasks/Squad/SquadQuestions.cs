using System.Text.Json;
using System.Text.RegularExpressions;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.Squad;

/// <summary>
/// SQuAD 1.1 as published, one JSON document, to one row a question: columns question, context, answer and answers (a JSON list), punctuation apart by spaces as in T5.
/// </summary>
[Kind("squad")]
public sealed partial record SquadQuestions : Conversion
{
    public override IEnumerable<string> Columns => ["data"];

    public override IEnumerable<Row> Rows(Row row, Split split, Action<Problem> report) =>
        (Cell<IReadOnlyList<Article>>(row, "data", "[{ paragraphs: [{ context, qas: [{ id, question, answers: [{ text }] }] }] }]", report) ?? [])
            .SelectMany(article => article.Paragraphs)
            .SelectMany(paragraph => paragraph.Qas, (paragraph, asked) => Of(row, Padded(paragraph.Context), asked, report)).OfType<Row>();

    public override string Finish(string input) => Spaces().Replace(input, " ");

    private static Row? Of(Row row, string context, Asked asked, Action<Problem> report)
    {
        string[] answers = [.. asked.Answers.Select(answer => Padded(answer.Text))];
        var within = $"question {asked.Id}";
        if (answers.Length > 0)
            return Converted(row, within, ("question", Padded(asked.Question)), ("context", context), ("answer", answers[0]), ("answers", JsonSerializer.Serialize(answers)));
        report(new Problem($"{row.File} ({within})", "has no answer", "use SQuAD 1.1, in which every question has one"));
        return null;
    }

    private static string Padded(string text) => Spaces().Replace(Punctuation().Replace(text, " $0 "), " ");

    // RE2's [[:punct:]] and \s, which are ASCII.
    [GeneratedRegex(@"[!-/:-@\[-`{-~]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"[ \t\n\f\r]+")]
    private static partial Regex Spaces();

    private sealed record Article(IReadOnlyList<Paragraph> Paragraphs);

    private sealed record Paragraph(string Context, IReadOnlyList<Asked> Qas);

    private sealed record Asked(string Id, string Question, IReadOnlyList<Answered> Answers);

    private sealed record Answered(string Text);
}
