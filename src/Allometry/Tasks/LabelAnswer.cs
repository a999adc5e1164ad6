using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>One of a few words: classification.</summary>
[Kind("label")]
public sealed record LabelAnswer(
    [Description("The column that holds the class.")] string Column,
    [Description("The words in class order: a list of what the column holds, or a map from what it holds to the word to write.")] LabelWords Labels,
    [Description("The model writes the word (greedy), or the likeliest word is taken (rank).")] Decision Decide = Decision.Greedy) : Answer
{
    public override IEnumerable<string> Columns => [Column];

    public override IReadOnlyList<string> Words => [.. Labels.Pairs.Select(pair => pair.Word).Distinct(StringComparer.Ordinal)];

    public override Decision Decision => Decide;

    public override string? Target(Row row, Action<Problem> report)
    {
        if (Labels.Find(row.Cells[Column]) is { } word)
        {
            return word;
        }

        report(new Problem(row.Where, $"the column '{Column}' holds '{row.Cells[Column]}', which is no label", Suggestion.For(row.Cells[Column], Labels.Pairs.Select(pair => pair.Value))));
        return null;
    }
}
