using System.Globalization;
using Allometry.Analysis.Laws;

namespace Allometry.Reports.Laws;

/// <summary>What the law foretells, beside what its predictions were worth on rows that it had not seen.</summary>
internal static class PredictionsSection
{
    private const int ShownTests = 24;

    public static Section? Of(LawAnswer answer)
    {
        List<Block> blocks = [];
        if (answer.Asked.Count > 0) blocks.Add(Asked(answer));
        if (answer.BackTests.Count > 0) blocks.Add(Figures(answer));
        else blocks.Add(new Paragraph("There are too few rows for a back-test: how good its predictions are is not known."));
        if (answer.BackTests.Count > 0) blocks.Add(Tested(answer.BackTests[^1]));
        return new("predictions", "Predictions and back-test", blocks, InBrief: true);
    }

    private static Table Asked(LawAnswer answer)
    {
        var law = answer.Fit.Law;
        return new("foretold", $"{law.Predicts.Title} foretold",
            [.. law.Arguments.Select(variable => new Column(variable.Symbol, variable.Title, variable.Unit)), new("value", law.Predicts.Title, law.Predicts.Unit), .. LawPage.EndsOf("value", "95 % of measurements"), new("beyond", "×")],
            [.. answer.Asked.Select(asked => (IReadOnlyList<Cell>)[.. asked.At.Select(pair => Cell.Of(pair.Value, LawPage.Constant)), .. Foretold(asked.Foretold)])],
            answer.BackTests.Count == 0 ? "" : $"Back-test: {Summary(answer.BackTests[^1])}");
    }

    private static IEnumerable<Cell> Foretold(Foretold foretold) =>
        [Cell.Of(foretold.Value, LawPage.Constant), .. LawPage.Ends(foretold.Interval, LawPage.Constant), Cell.Of(foretold.Extrapolation, value => Numerals.Plain(value))];

    private static string Summary(BackTest test) =>
        string.Create(CultureInfo.InvariantCulture, $"{(test.Cut == "held out" ? "on the rows held out" : "fitted to the " + test.Cut)}, predictions were off by {Share(test.Figures.Mare)} in the mean and {Share(test.Figures.Max)} at most, up to {test.Figures.Extrapolation:0.#} times beyond the fit.");

    private static Table Figures(LawAnswer answer) => new("back-test", "Back-test: fitted to the cheap, foretelling the dear",
        [
            Column.Words("cut", "Cut"), Column.Words("law", "Law"), new("fitted", "Fit"), new("tested", "Test"), new("mare", "MARE"), new("max", "Max"), new("bias", "Bias"),
            new("ln-rmse", "RMSE"), new("coverage", "In"), new("beyond", "×"),
        ],
        [.. answer.BackTests.SelectMany(test => new[] { Row(test, answer.Fit.Law.Name, test.Figures) }.Concat(test.PowerLawFigures is { } plain ? [Row(test, "k/C^g", plain)] : []))],
        "Fit and Test count points. MARE: mean of the absolute relative errors; Max: the largest; Bias: their mean with its sign; RMSE: of the logarithms; In: share inside the 95 % intervals; ×: how many times beyond the fit the farthest lies. Nothing was fitted again.");

    private static IReadOnlyList<Cell> Row(BackTest test, string law, BackTestFigures figures) =>
    [
        Cell.Of(test.Cut), Cell.Of(law), Cell.Of((long)test.Fit.Points.Count, Numerals.Whole), Cell.Of((long)test.Tests.Count, Numerals.Whole), Cell.Of(figures.Mare, Share), Cell.Of(figures.Max, Share),
        Cell.Of(figures.Bias, Numerals.Percent), Cell.Of(figures.LogRmse, value => Numerals.Plain(value)), Cell.Of(figures.Coverage, Share), Cell.Of(figures.Extrapolation, value => Numerals.Plain(value)),
    ];

    private static Table Tested(BackTest test) => new("tested", $"Foretold and seen, {test.Cut}",
        [Column.Words("run", "Run"), new("seen", "Seen", test.Fit.Law.Predicts.Unit), new("value", "Foretold", test.Fit.Law.Predicts.Unit), .. LawPage.EndsOf("value", "95 % of measurements"), new("beyond", "×"), new("error", "Off by")],
        [.. test.Tests.OrderByDescending(tested => test.Fit.Law.Cost(tested.Observed.X)).Take(ShownTests)
            .Select(tested => (IReadOnlyList<Cell>)[Cell.Of(tested.Observed.Run), Cell.Of(tested.Observed.Y, LawPage.Constant), .. Foretold(tested.Foretold), Cell.Of(tested.RelativeError, Numerals.Percent)])],
        test.Tests.Count > ShownTests ? $"The {ShownTests} dearest of {test.Tests.Count}." : "");

    private static string Share(double value) => Numerals.Plain(100 * value) + " %";
}
