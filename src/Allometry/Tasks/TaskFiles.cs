using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// The tables of a task, split by split: csv, tsv, jsonl or json, each also as .gz or inside an archive (<c>samsum.zip/samsum/test.csv</c>).
/// Paths are relative to the recipe file, or begin with <c>$ALLOMETRY_DATA/</c>; one file may stand without list brackets.
/// </summary>
public sealed record TaskFiles(
    [DataFile, Description("Tables with the rows to learn from; a task without them can only be evaluated.")] IReadOnlyList<string>? Train = null,
    [DataFile, Description("Tables with the rows to compare by; left out, a share of train is held out.")] IReadOnlyList<string>? Validation = null,
    [DataFile, Description("Tables with the rows to report only.")] IReadOnlyList<string>? Test = null,
    [Description("Names of the columns where tables have no first line of names.")] IReadOnlyList<string>? Columns = null,
    [Description("Share of train held out where there is no validation; rows with equal inputs stay together."), Range(0, 0.9, MinimumIsExclusive = true)] double HeldOut = 0.1,
    [Description("At most so many rows of a split, chosen by their hash.")] RowLimits? Limit = null,
    [Description("Where a person gets the tables; said when they are missing.")] string? Source = null,
    [Description("How the tables are written; by their extension where left out.")] TableFormat? Format = null,
    [Description("Leave out rows with too few cells rather than refuse the table.")] bool SkipShort = false) : IReadable<TaskFiles>, IChecked
{
    static TaskFiles? IReadable<TaskFiles>.FromNode(Node node, ReadContext context) =>
        context.ReadMembers<TaskFiles>(node.AsLists("train", "validation", "test"));

    public IReadOnlyList<string>? Of(Split split) => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        _ => Test,
    };

    public TableForm Form => new(Format, Columns, SkipShort);

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check()
    {
        if (Train is null && Validation is null && Test is null)
        {
            yield return (null, "no file is named", "name those of one split at least: { train: rows.csv }");
        }

        foreach (var split in Enum.GetValues<Split>())
        {
            if (Of(split) is [])
            {
                yield return (split.ToString(), $"the {split.ToString().ToLowerInvariant()} split names no file", "name one, or leave the split out");
            }
        }
    }
}
