using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>At most so many rows of a split.</summary>
public sealed record RowLimits(
    [Description("Rows to learn from."), Range(1, int.MaxValue)] int? Train = null,
    [Description("Rows to compare by."), Range(1, int.MaxValue)] int? Validation = null,
    [Description("Rows to report."), Range(1, int.MaxValue)] int? Test = null)
{
    public int? Of(Split split) => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        _ => Test,
    };
}
