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
        if (answer.BackTests.Count > 0) blocks.Add(Tested(answer.BackTests[^1], answer.Unit));
        return new("predictions", "Predictions and back-test", blocks, InBrief: true);
    }

    private static Table Asked(LawAnswer answer)
    {
        var law = answer.Fit.Law;
        return new("foretold", $"{law.Predicts.Title} foretold",
            [.. law.Arguments.Select(variable => new Column(variable.Symbol, variable.Title, variable.Unit)), new("value", law.Predicts.Title, answer.Unit), .. LawPage.EndsOf("value", "95 % of measurements"), new("beyond", "×")],
            [.. answer.Asked.Select(asked => (IReadOnlyList<Cell>)[.. asked.At.Select(pair => Cell.Of(pair.Value, LawPage.Constant)), .. Foretold(asked.Foretold)])],
            answer.BackTests.Count == 0 ? "" : $"Back-test: {BackTestTable.Summary(answer.BackTests[^1].Cut, answer.BackTests[^1].Figures)}");
    }

    private static IEnumerable<Cell> Foretold(Foretold foretold) =>
        [Cell.Of(foretold.Value, LawPage.Constant), .. LawPage.Ends(foretold.Interval, LawPage.Constant), Cell.Of(foretold.Extrapolation, value => Numerals.Plain(value))];

    private static Table Figures(LawAnswer answer) => BackTestTable.Of("Back-test: fitted to the cheap, foretelling the dear", "Law",
        [.. answer.BackTests.SelectMany(test => new[] { RowOf(test, answer.Fit.Law.Name, test.Figures) }.Concat(test.PowerLawFigures is { } plain ? [RowOf(test, "k/C^g", plain)] : []))]);

    private static BackTestRow RowOf(BackTest test, string law, BackTestFigures figures) => new(test.Cut, law, test.Fit.Points.Count, test.Tests.Count, figures);

    private static Table Tested(BackTest test, string unit) => new("tested", $"Foretold and seen, {test.Cut}",
        [Column.Words("run", "Run"), .. test.Fit.Law.Arguments.Select(variable => new Column(variable.Symbol, variable.Title, variable.Unit, Shown: Shown.OnPage)), new("seen", "Seen", unit), new("value", "Foretold", unit), .. LawPage.EndsOf("value", "95 % of measurements"), new("beyond", "×"), new("error", "Off by")],
        [.. test.Tests.OrderByDescending(tested => test.Fit.Law.Cost(tested.Observed.X))
            .Select(tested => (IReadOnlyList<Cell>)[Cell.Of(tested.Observed.Run), .. tested.Observed.X.Select(x => Cell.Of(x, LawPage.Constant)), Cell.Of(tested.Observed.Y, LawPage.Constant), .. Foretold(tested.Foretold), Cell.Of(tested.RelativeError, Numerals.Percent)])],
        test.Tests.Count > ShownTests ? $"The {ShownTests} dearest of {test.Tests.Count}; all of them are in tested.csv." : "")
    { MostRows = ShownTests };
}
