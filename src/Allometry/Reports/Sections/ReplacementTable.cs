using Allometry.Analysis;
using Allometry.Analysis.Laws;

namespace Allometry.Reports.Sections;

/// <summary>For each shape the other one that does as well for less, or that there is none.</summary>
public static class ReplacementTable
{
    public static Table Of(Findings findings, Yardstick yardstick)
    {
        var side = yardstick.LessIsBetter ? "upstream" : "downstream";
        return new(
            $"instead-{side}", $"What does as well for less, {side}: by {Words.LowerFirst(yardstick.Title)}",
            [
                Column.Words("shape", "Instead of"), Column.Words("instead", "Take"), .. findings.Costs.SelectMany(Columns), new("certainty", "As good with other seeds", Shown: findings.Draws.Count > 0 ? Shown.Everywhere : Shown.InFiles),
            ],
            [.. findings.Replacements(yardstick).Select(Row)],
            "The other shape that is at least as good in the mean and cheapest over these costs together; + is dearer in that one."
                + (findings.Draws.Count > 0 ? $" In brackets: 95 % of {findings.Draws.Count:N0} draws of other seeds, each of which chose anew, 0 where it found none." : " Nothing is known of the noise between seeds, so there are no intervals."));
    }

    /// <summary>Savings in words, without their intervals.</summary>
    public static string InWords(IEnumerable<Saving> savings) =>
        Words.List(savings.Where(saving => double.IsFinite(saving.Share)).Select(saving => $"{Numerals.Plain(100 * Math.Abs(saving.Share), 2)} % {(saving.Share >= 0 ? "less" : "more")} {Words.LowerFirst(saving.Cost.Title)}"));

    private static IEnumerable<Column> Columns(CostAxis cost) =>
        [new($"less-{cost.Name}", cost.Title), new($"less-{cost.Name}-low", "", Shown: Shown.InFiles), new($"less-{cost.Name}-high", "", Shown: Shown.InFiles)];

    private static IReadOnlyList<Cell> Row(Replacement answer) =>
    [
        Cell.Of(answer.Baseline.Name), answer.By is { } by ? Cell.Of(by.Name) : new("nothing", null),
        .. answer.Savings.SelectMany(saving => Cells(saving, answer.By is not null)), Cell.Of(answer.Certainty, Numerals.Share),
    ];

    private static IEnumerable<Cell> Cells(Saving saving, bool found)
    {
        var change = found ? Change(saving.Share) : "–";
        var words = saving.Interval is { } interval && Range(interval) is { Length: > 0 } range ? $"{change} ({range})" : change;
        return [new(words, found && double.IsFinite(saving.Share) ? saving.Share : null), Cell.Of(saving.Interval?.Low, Numerals.Percent), Cell.Of(saving.Interval?.High, Numerals.Percent)];
    }

    /// <summary>Nothing where every draw says the same.</summary>
    private static string Range(Interval interval) => Change(interval.High) == Change(interval.Low) ? "" : $"{Change(interval.High)} to {Change(interval.Low)}";

    /// <summary>A saving reads as a change of the cost.</summary>
    private static string Change(double share) => !double.IsFinite(share) ? "–" : Math.Abs(share) < 5e-4 ? "0 %" : $"{Numerals.Signed(-100 * share, 2)} %";
}
