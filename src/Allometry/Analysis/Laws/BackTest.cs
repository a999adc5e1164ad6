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

    public BackTestFigures Figures => BackTestFigures.Of(Fit.Law, Tests);

    public BackTestFigures? PowerLawFigures => PowerLaw is null ? null : BackTestFigures.Of(Fit.Law, PowerLaw);

    /// <summary>No refit: <paramref name="fit"/> is what was made of the other rows. Null where the held-out rows make no point.</summary>
    public static BackTest? Of(string cut, LawFit fit, IReadOnlyList<Observation> heldOut)
    {
        Tested[] tests = [.. fit.Law.Points(heldOut).Select(point => new Tested(point, fit.Foretell(point.X)))];
        return tests.Length == 0 ? null : new(cut, fit, tests, Baseline(fit, tests));
    }

    /// <summary>The cheapest half and the cheapest three quarters foretell the rest; cuts that leave too little to fit are left out.</summary>
    public static IReadOnlyList<BackTest> ByCost(ScalingLaw law, IReadOnlyList<Observation> rows) => [.. Shares.Select(share => AtShare(law, rows, share)).OfType<BackTest>()];

    private static BackTest? AtShare(ScalingLaw law, IReadOnlyList<Observation> rows, double share)
    {
        var runs = rows.GroupBy(row => law.ReadsCurves ? row.Run : $"{law.Cost(row.X):R}").Select(run => (Rows: run.ToArray(), Cost: run.Max(row => law.Cost(row.X)))).OrderBy(run => run.Cost).ToArray();
        var fitted = (int)Math.Ceiling(share * runs.Length);
        Observation[] cheap = [.. runs.Take(fitted).SelectMany(run => run.Rows)], dear = [.. runs.Skip(fitted).SelectMany(run => run.Rows)];
        try
        {
            if (dear.Length == 0 || LawProblems.Of(law, law.Points(cheap)).Any() || law.Points(cheap).Count <= law.FewestPoints) return null;
            return Of($"cheapest {100 * share:0} %", LawFit.Of(law, cheap, FewerReplicates), dear);
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
    public static BackTestFigures Of(ScalingLaw law, IReadOnlyList<Tested> tests)
    {
        var inside = tests.Where(test => test.Foretold.Interval is not null).Select(test => test.Foretold.Interval!.Holds(test.Observed.Y) ? 1.0 : 0).ToArray();
        return new(
            tests.Average(test => Math.Abs(test.RelativeError)), tests.Max(test => Math.Abs(test.RelativeError)), tests.Average(test => test.RelativeError),
            Math.Sqrt(tests.Average(test => Math.Pow(law.Residual(test.Foretold.Value, test.Observed.Y), 2))),
            inside.Length == 0 ? null : inside.Average(), tests.Max(test => test.Foretold.Extrapolation));
    }
}
