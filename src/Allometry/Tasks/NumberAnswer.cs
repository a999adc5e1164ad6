using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>A number written with one decimal, rounded so that few texts occur: T5's form of STS-B, where 2.5 becomes <c>2.4</c>. All in single precision, as there.</summary>
[Kind("number")]
public sealed record NumberAnswer(
    [Description("The column that holds the number.")] string Column,
    [Description("Steps to a unit: 5 gives 0.0, 0.2, 0.4 ...; ties go to the even step."), Range(1, 10)] int Steps = 5) : Answer
{
    public override IEnumerable<string> Columns => [Column];

    public override string? Target(Row row, Action<Problem> report)
    {
        if (float.TryParse(row.Cells[Column], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number))
            return (MathF.Round(number * Steps, MidpointRounding.ToEven) / Steps).ToString("0.0", CultureInfo.InvariantCulture);
        report(new Problem(row.Where, $"the column '{Column}' holds '{row.Cells[Column]}', which is no number", "write it with a point: 3.8"));
        return null;
    }
}
