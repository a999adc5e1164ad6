using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.SuperGlue;

/// <summary>
/// MultiRC as SuperGLUE publishes it, a passage a line, to one row for each answer: columns question, answer, paragraph, label, and asked, which says
/// which question it was. Marks of bold text and line breaks leave the input as in T5.
/// </summary>
[Kind("multirc")]
public sealed record MultiRc : Conversion
{
    public override IEnumerable<string> Columns => ["passage"];

    public override IEnumerable<Row> Rows(Row row, Split split, Action<Problem> report) =>
        Cell<Passage>(row, "passage", "{ text, questions: [{ question, idx, answers: [{ text, label }] }] }", report) is { } passage
            ? from question in passage.Questions
              from answer in question.Answers
              select Converted(row, $"question {question.Idx}",
                  ("question", question.Question), ("answer", answer.Text), ("paragraph", passage.Text), ("label", $"{answer.Label}"), ("asked", $"{question.Idx}"))
            : [];

    public override string Finish(string input) => input
        .Replace("<br>", " ", StringComparison.Ordinal).Replace("<b>", "", StringComparison.Ordinal).Replace("</b>", "", StringComparison.Ordinal);

    private sealed record Passage(string Text, IReadOnlyList<Asked> Questions);

    private sealed record Asked(string Question, int Idx, IReadOnlyList<Proposed> Answers);

    // Test sets have no label: the task's answer says so.
    private sealed record Proposed(string Text, int? Label = null);
}
