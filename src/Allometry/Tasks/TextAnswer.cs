using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>Free text: whatever the template gives for the row.</summary>
[Kind("text")]
public sealed record TextAnswer([Description("The text to write, columns in braces: \"{summary}\".")] string Template) : Answer, IChecked
{
    public override IEnumerable<string> Columns => Tasks.Template.Parse(Template).Columns;

    public override string Target(Row row, Action<Problem> report) => Tasks.Template.Parse(Template).Fill(row.Cells);

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check() =>
        Tasks.Template.Problem(Template) is { } what ? [(nameof(Template), what, $"write a column in braces, as in \"{{{Template.Trim('{', '}')}}}\"")] : [];
}
