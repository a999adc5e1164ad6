using Allometry.Analysis.Laws;

namespace Allometry.Reports.Laws;

/// <summary>A fitted law as a page: what it says, what it foretells and how good that was before, how well it fits, and how it was made.</summary>
public static class LawPage
{
    public static Page Of(LawAnswer answer, string version)
    {
        Section?[] sections = [ParametersSection.Of(answer), PredictionsSection.Of(answer), FitSection.Of(answer), RowsSection.Of(answer)];
        return new("Allometry scaling law", answer.Fit.Law.Formula, $"{answer.Question.Columns.Table.Name} · {Words.Some(answer.Fit.Rows.Count, "row")}", version, [.. sections.OfType<Section>()]);
    }

    /// <summary>Constants of laws run from hundredths to 1e14.</summary>
    public static string Constant(double value) => Math.Abs(value) is 0 or (>= 1e-3 and < 1e6) ? Numerals.Plain(value, 4) : value.ToString("0.###e+0", System.Globalization.CultureInfo.InvariantCulture);

    public static string Range(Interval? interval, Func<double, string> form) => interval is null ? "–" : $"{form(interval.Low)} to {form(interval.High)}";

    public static Cell[] Ends(Interval? interval, Func<double, string> form) => [new(Range(interval, form), null), Cell.Of(interval?.Low, form), Cell.Of(interval?.High, form)];

    public static IEnumerable<Column> EndsOf(string name, string title) =>
        [Column.Words("", title), new($"{name}-low", "", Shown: Shown.InFiles), new($"{name}-high", "", Shown: Shown.InFiles)];
}
