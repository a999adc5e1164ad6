using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// The tables of a task, split by split: csv, tsv or jsonl, each also as .gz. Paths are relative to the recipe file, or begin with
/// <c>$ALLOMETRY_DATA/</c>; one file may stand without list brackets.
/// </summary>
public sealed record TaskFiles(
    [DataFile, Description("Tables with the rows to learn from.")] IReadOnlyList<string> Train,
    [DataFile, Description("Tables with the rows to compare by; left out, a share of train is held out.")] IReadOnlyList<string>? Validation = null,
    [DataFile, Description("Tables with the rows to report only.")] IReadOnlyList<string>? Test = null,
    [Description("Names of the columns where the tables have no first line of names.")] IReadOnlyList<string>? Columns = null,
    [Description("Share of train held out where there is no validation; rows with equal inputs stay together."), Range(0, 0.9, MinimumIsExclusive = true)] double HeldOut = 0.1,
    [Description("At most so many rows of a split, chosen by their hash.")] RowLimits? Limit = null,
    [Description("Where a person gets the tables; said when they are missing.")] string? Source = null) : IReadable<TaskFiles>, IChecked
{
    static TaskFiles? IReadable<TaskFiles>.FromNode(Node node, ReadContext context) =>
        context.ReadMembers<TaskFiles>(node.AsLists("train", "validation", "test"));

    public IReadOnlyList<string>? Of(Split split) => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        _ => Test,
    };

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check()
    {
        foreach (var split in Enum.GetValues<Split>())
        {
            if (Of(split) is [])
            {
                yield return (split.ToString(), $"the {split.ToString().ToLowerInvariant()} split names no file", "name one, or leave the split out");
            }
        }
    }
}
