using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>One of a few texts that differ from row to row, such as the alternatives of a question: the likeliest is taken (sum of log-probabilities, end token included).</summary>
[Kind("choice")]
public sealed record ChoiceAnswer(
    [Description("The column that says which choice is right.")] string Column,
    [Description("The choices, columns in braces: [\"{choice1}\", \"{choice2}\"].")] IReadOnlyList<string> Choices,
    [Description("What the column holds for each of them, in their order; 0, 1, 2 ... where left out.")] IReadOnlyList<string>? Values = null) : Answer, IChecked
{
    public override IEnumerable<string> Columns => Choices.SelectMany(choice => Template.Parse(choice).Columns).Append(Column).Distinct(StringComparer.Ordinal);

    public override Decision Decision => Decision.Rank;

    public override string? Target(Row row, Action<Problem> report)
    {
        var (values, choices) = (Values ?? [.. Choices.Select((_, i) => $"{i}")], ChoicesOf(row));
        if (choices.Any(string.IsNullOrWhiteSpace)) report(new Problem(row.Where, "one of its choices is empty, and an end alone is likely everywhere", "fill it, or leave the row out"));
        if (choices.GroupBy(choice => choice, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } same) report(new Problem(row.Where, $"two of its choices are '{same.Key}': no answer could tell them apart", "make them differ, or leave the row out"));
        for (var i = 0; i < values.Count; i++)
            if (values[i] == row.Cells[Column]) return choices[i];
        report(new Problem(row.Where, $"the column '{Column}' holds '{row.Cells[Column]}', which is none of the choices", Suggestion.For(row.Cells[Column], values)));
        return null;
    }

    public override IReadOnlyList<string> ChoicesOf(Row row) => [.. Choices.Select(choice => Filled(choice, row))];

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Choices.Count < 2) yield return (nameof(Choices), "a choice needs two texts at least", "write [\"{choice1}\", \"{choice2}\"]");
        foreach (var twice in Choices.GroupBy(choice => choice, StringComparer.Ordinal).Where(group => group.Count() > 1))
            yield return (nameof(Choices), $"the choice \"{twice.Key}\" stands there twice", "keep one of them");
        if (Values is { } values && values.Count != Choices.Count) yield return (nameof(Values), $"there are {values.Count} values for {Choices.Count} choices", "give one for each, in their order");
        foreach (var choice in Choices)
            if (Template.Fault(choice) is { } what) yield return (nameof(Choices), what, "write columns in braces, as in \"{choice1}\"");
    }

    private static string Filled(string choice, Row row) => Template.Parse(choice).Fill(row.Cells);
}
