using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>A law fitted to some rows and held against others, which it has not seen: what its predictions are worth.</summary>
/// <param name="Cut">How the rows were divided, in words.</param>
/// <param name="PowerLaw">The same of a plain power law in the cost, ln L on ln C: what there is to beat; null where the law foretells something else than a loss.</param>
public sealed record BackTest(string Cut, LawFit Fit, IReadOnlyList<Tested> Tests, IReadOnlyList<Tested>? PowerLaw)
{
    /// <summary>Shares of the rows, cheapest first, that are fitted where no rows are held out.</summary>
    private static readonly double[] Shares = [0.5, 0.75];

    private const int FewerReplicates = 200;

    public BackTestFigures Figures => BackTestFigures.Of(Tests, Fit.Law.Residual);

    public BackTestFigures? PowerLawFigures => PowerLaw is null ? null : BackTestFigures.Of(PowerLaw, Fit.Law.Residual);

    /// <summary>No refit: <paramref name="fit"/> is what was made of the other rows. Null where the held-out rows make no point.</summary>
    public static BackTest? Of(string cut, LawFit fit, IReadOnlyList<Observation> heldOut)
    {
        Tested[] tests = [.. fit.Law.Points(heldOut).Select(point => new Tested(point, fit.Foretell(point.X)))];
        return tests.Length == 0 ? null : new(cut, fit, tests, Baseline(fit, tests));
    }

    /// <summary>The cheapest half and the cheapest three quarters foretell the rest; cuts that leave too little to fit are left out.</summary>
    public static IReadOnlyList<BackTest> ByCost(ScalingLaw law, IReadOnlyList<Observation> rows) => [.. Cuts(rows, law.Cost, law.ReadsCurves).Select(cut => AtCut(law, cut)).OfType<BackTest>()];

    /// <summary>The cheapest half and the cheapest three quarters of the rows, each with the rest; rows of one run, or of one cost, stay together.</summary>
    public static IEnumerable<CostCut> Cuts(IReadOnlyList<Observation> rows, Func<IReadOnlyList<double>, double> cost, bool ofCurves = false)
    {
        var runs = rows.GroupBy(row => ofCurves ? row.Run : $"{cost(row.X):R}").Select(run => (Rows: run.ToArray(), Cost: run.Max(row => cost(row.X)))).OrderBy(run => run.Cost).ToArray();
        return from share in Shares
               let fitted = (int)Math.Ceiling(share * runs.Length)
               where fitted < runs.Length
               select new CostCut($"cheapest {100 * share:0} %", [.. runs.Take(fitted).SelectMany(run => run.Rows)], [.. runs.Skip(fitted).SelectMany(run => run.Rows)]);
    }

    private static BackTest? AtCut(ScalingLaw law, CostCut cut)
    {
        try
        {
            if (LawProblems.Of(law, law.Points(cut.Cheap)).Any() || law.Points(cut.Cheap).Count <= law.FewestPoints) return null;
            return Of(cut.Words, LawFit.Of(law, cut.Cheap, FewerReplicates), cut.Dear);
        }
        catch (InputException) // the cheap ones alone may lack what a procedure needs
        {
            return null;
        }
    }

    private static IReadOnlyList<Tested>? Baseline(LawFit fit, IReadOnlyList<Tested> tests)
    {
        if (fit.Law.Predicts != Variable.Loss || fit.Points.Select(point => fit.Law.Cost(point.X)).Distinct().Count() < 3) return null;
        var line = PowerLine.Of([.. fit.Points.Select(point => fit.Law.Cost(point.X))], [.. fit.Points.Select(point => point.Y)]);
        return [.. tests.Select(test => test with { Foretold = new(line.At(fit.Law.Cost(test.Observed.X)), line.Interval(fit.Law.Cost(test.Observed.X)), test.Foretold.Extrapolation) })];
    }
}

/// <summary>Rows divided by what they cost: those to fit, and those to foretell.</summary>
public sealed record CostCut(string Words, IReadOnlyList<Observation> Cheap, IReadOnlyList<Observation> Dear);

/// <summary>One held-out point beside what was foretold of it.</summary>
public sealed record Tested(Observation Observed, Foretold Foretold)
{
    public double RelativeError => Foretold.Value / Observed.Y - 1;
}

/// <summary>A back-test in figures; errors are relative, 1 is 100 %.</summary>
/// <param name="Mare">Mean of the absolute relative errors.</param>
/// <param name="LogRmse">Root of the mean square of the gaps in the law's own terms.</param>
/// <param name="Coverage">Share of points inside their 95 % intervals; null where there are none.</param>
/// <param name="Extrapolation">The farthest of the points from what was fitted, as a factor.</param>
public sealed record BackTestFigures(double Mare, double Max, double Bias, double LogRmse, double? Coverage, double Extrapolation)
{
    /// <param name="residual">The gap between what was foretold and what was seen, in the law's own terms.</param>
    public static BackTestFigures Of(IReadOnlyList<Tested> tests, Func<double, double, double> residual)
    {
        var inside = tests.Where(test => test.Foretold.Interval is not null).Select(test => test.Foretold.Interval!.Holds(test.Observed.Y) ? 1.0 : 0).ToArray();
        return new(
            tests.Average(test => Math.Abs(test.RelativeError)), tests.Max(test => Math.Abs(test.RelativeError)), tests.Average(test => test.RelativeError),
            Math.Sqrt(tests.Average(test => Math.Pow(residual(test.Foretold.Value, test.Observed.Y), 2))),
            inside.Length == 0 ? null : inside.Average(), tests.Max(test => test.Foretold.Extrapolation));
    }
}
