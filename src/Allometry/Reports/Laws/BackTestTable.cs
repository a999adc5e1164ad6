using System.Globalization;
using Allometry.Analysis.Laws;

namespace Allometry.Reports.Laws;

/// <summary>How good predictions were on runs that their law had not seen: what stands beside every prediction.</summary>
internal static class BackTestTable
{
    /// <param name="of">What the rows of one cut differ in.</param>
    public static Table Of(string title, string of, IReadOnlyList<BackTestRow> rows) => new("back-test", title,
        [
            Column.Words("cut", "Cut"), Column.Words(of.ToLowerInvariant(), of), new("fitted", "Fit"), new("tested", "Test"), new("mare", "MARE"), new("max", "Max"), new("bias", "Bias"),
            new("ln-rmse", "RMSE"), new("coverage", "In"), new("beyond", "×"),
        ],
        [.. rows.Select(Cells)],
        "Fit and Test count points. MARE: mean of the absolute relative errors; Max: the largest; Bias: their mean with its sign; RMSE: of the logarithms; In: share inside the 95 % intervals; ×: how many times beyond the fit the farthest lies. Nothing was fitted again.");

    /// <summary>One cut in a sentence.</summary>
    public static string Summary(string cut, BackTestFigures figures) =>
        string.Create(CultureInfo.InvariantCulture, $"{(cut == "held out" ? "on the rows held out" : "fitted to the " + cut)}, predictions were off by {Share(figures.Mare)} in the mean and {Share(figures.Max)} at most, up to {figures.Extrapolation:0.#} times beyond the fit.");

    private static IReadOnlyList<Cell> Cells(BackTestRow row) =>
    [
        Cell.Of(row.Cut), Cell.Of(row.Of), Cell.Of((long)row.Fitted, Numerals.Whole), Cell.Of((long)row.Tested, Numerals.Whole), Cell.Of(row.Figures.Mare, Share), Cell.Of(row.Figures.Max, Share),
        Cell.Of(row.Figures.Bias, Numerals.Percent), Cell.Of(row.Figures.LogRmse, value => Numerals.Plain(value)), Cell.Of(row.Figures.Coverage, Share), Cell.Of(row.Figures.Extrapolation, value => Numerals.Plain(value)),
    ];

    private static string Share(double value) => Numerals.Plain(100 * value) + " %";
}

/// <summary>One back-test in a table.</summary>
/// <param name="Of">Which law, or which of its quantities.</param>
internal sealed record BackTestRow(string Cut, string Of, int Fitted, int Tested, BackTestFigures Figures);
