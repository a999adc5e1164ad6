using Allometry.Analysis.Laws;

namespace Allometry.Reports.Laws;

/// <summary>How well the law fits: the law through its points, and what is left of them.</summary>
internal static class FitSection
{
    /// <summary>More lines than this cannot be told apart.</summary>
    private const int MostLines = 8;

    private const int PointsOfALine = 40;

    public static Section Of(LawAnswer answer)
    {
        Block[] charts = [.. new[] { Curves(answer), Lines(answer), Agreement(answer), Residuals(answer.Fit) }.OfType<Chart>()];
        return new("fit", "How well it fits", charts);
    }

    /// <summary>Of laws of whole curves: what was foretold of the dearest runs, drawn against what they did; of those held out where there are any.</summary>
    private static Chart? Curves(LawAnswer answer)
    {
        var (fit, law) = (answer.Fit, answer.Fit.Law);
        var steps = law.Arguments.ToList().IndexOf(Variable.Steps);
        if (steps < 0) return null;
        var heldOut = answer.Question.HeldOut.Count > 0;
        var rows = heldOut ? answer.BackTests[^1].Tests.Select(test => test.Observed) : fit.Points;
        var runs = rows.GroupBy(row => row.Run).OrderByDescending(run => run.Max(row => law.Cost(row.X))).Take(MostLines / 2).ToArray();
        return new("curves", heldOut ? "Loss curves of the runs held out" : "Loss curves of the dearest runs", Axis.Over("Steps", "steps", runs.SelectMany(run => run.Select(row => row.X[steps]))), Axis.Over(law.Predicts.Title, answer.Unit, runs.SelectMany(run => run.Select(row => row.Y))),
            [.. runs.SelectMany(run => new Series[] { new($"{run.Key} measured", Mark.Line, Along(run, row => row.Y)), new($"{run.Key} by the law", Mark.Foretold, Along(run, row => law.Predict(fit.Estimate.Parameters, row.X))) })]);

        IReadOnlyList<Point> Along(IEnumerable<Observation> run, Func<Observation, double> loss) => [.. run.OrderBy(row => row.X[steps]).Select(row => new Point(row.X[steps], loss(row)))];
    }

    /// <summary>The law over its last argument, a line for each value of the one before it.</summary>
    private static Chart? Lines(LawAnswer answer)
    {
        var (fit, law) = (answer.Fit, answer.Fit.Law);
        if (law.Arguments.Count > 2) return null;
        var groups = fit.Points.GroupBy(point => law.Arguments.Count == 2 ? point.X[0] : 0).OrderBy(group => group.Key).ToArray();
        if (groups.Length > MostLines) return null;
        return new("law-and-points", $"{law.Predicts.Title} and the law", Axis.Over(law.Arguments[^1].Title, law.Arguments[^1].Unit, fit.Points.Select(point => point.X[^1])),
            Axis.Over(law.Predicts.Title, answer.Unit, fit.Points.Select(point => point.Y)),
            [.. groups.SelectMany(group => new Series[] { new(Name(law, group.Key), Mark.Line, Line(fit, group)), new(law.Arguments.Count == 1 ? "measured" : $"{Name(law, group.Key)} measured", Mark.Dots, [.. group.Select(point => new Point(point.X[^1], point.Y))]) })]);
    }

    private static string Name(ScalingLaw law, double value) => law.Arguments.Count == 2 ? $"{law.Arguments[0].Symbol} = {Numerals.Count(value)}" : "law";

    private static IReadOnlyList<Point> Line(LawFit fit, IEnumerable<Observation> points)
    {
        var (first, low, high) = (points.First(), points.Min(point => point.X[^1]), points.Max(point => point.X[^1]));
        return [.. Enumerable.Range(0, PointsOfALine).Select(i => low * Math.Pow(high / low, (double)i / (PointsOfALine - 1)))
            .Select(x => new Point(x, fit.Law.Predict(fit.Estimate.Parameters, [.. first.X.SkipLast(1), x])))];
    }

    private static Chart Agreement(LawAnswer answer)
    {
        var (fit, law) = (answer.Fit, answer.Fit.Law);
        var fitted = fit.Points.Select(point => new Point(law.Predict(fit.Estimate.Parameters, point.X), point.Y, Facts: [point.Run])).ToArray();
        var heldOut = answer.Question.HeldOut.Count == 0 ? [] : answer.BackTests[^1].Tests.Select(test => new Point(test.Foretold.Value, test.Observed.Y, Label: test.Observed.Run, Facts: [test.Observed.Run])).ToArray();
        var all = fitted.Concat(heldOut).SelectMany(point => new[] { point.X, point.Y }).ToArray();
        return new("foretold-and-seen", "Foretold and seen", Axis.Over($"{law.Predicts.Title} by the law", answer.Unit, all), Axis.Over($"{law.Predicts.Title} measured", answer.Unit, all),
            [new("equal", Mark.Guide, [new(all.Min(), all.Min()), new(all.Max(), all.Max())]), new("fitted", Mark.MutedDots, fitted), new("held out", Mark.Dots, heldOut)], Size: Size.Half);
    }

    private static Axis CostAxis(ScalingLaw law, double[] costs) => law.Arguments.Count == 1 ? Axis.Over(law.Arguments[0].Title, law.Arguments[0].Unit, costs) : Axis.Over("Cost", "of a point, in the law's own terms", costs);

    private static Chart Residuals(LawFit fit)
    {
        var costs = fit.Points.Select(point => fit.Law.Cost(point.X)).ToArray();
        Point[] points = [.. costs.Zip(fit.Residuals, fit.Points).Select(gap => new Point(gap.First, gap.Second, Facts: [gap.Third.Run, $"law minus measurement: {Numerals.Signed(gap.Second)}"]))];
        return new("residuals", "What the law leaves over", CostAxis(fit.Law, costs), new("Law minus measurement", fit.Law.Predicts == Variable.Error ? "share of answers" : "difference of logarithms"),
            [new("zero", Mark.Guide, [new(costs.Min(), 0), new(costs.Max(), 0)]), new("points", Mark.Dots, points)], "A trend or a bow here says that the law has the wrong form.", Size.Half);
    }
}
