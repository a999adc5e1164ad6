using System.ComponentModel;
using System.Text.Json;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>Free text: whatever the template gives for the row.</summary>
[Kind("text")]
public sealed record TextAnswer(
    [Description("The text to write, columns in braces: \"{summary}\".")] string Template,
    [Description("The column with all right answers, a JSON list of texts, where there may be several; the template's is the one to learn.")] string? AllAnswers = null) : Answer, IChecked
{
    public override IEnumerable<string> Columns => Tasks.Template.Parse(Template).Columns.Concat(AllAnswers is null ? [] : [AllAnswers]);

    public override string Target(Row row, Action<Problem> report) => Tasks.Template.Parse(Template).Fill(row.Cells);

    public override IReadOnlyList<string>? References(Row row, Action<Problem> report)
    {
        if (AllAnswers is null) return null;
        if (Listed(row.Cells[AllAnswers]) is { Length: > 0 } answers) return answers;
        report(new Problem(row.Where, $"the column '{AllAnswers}' is no list of answers", "write [\"one\", \"another\"], one answer at least"));
        return null;
    }

    private static string[]? Listed(string cell)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(cell) is { } texts && !texts.Contains(null) ? texts : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check() =>
        Tasks.Template.Problem(Template) is { } what ? [(nameof(Template), what, $"write a column in braces, as in \"{{{Template.Trim('{', '}')}}}\"")] : [];
}
