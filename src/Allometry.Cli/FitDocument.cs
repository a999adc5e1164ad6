using Allometry.Analysis.Laws;

namespace Allometry.Cli;

/// <summary>What <c>fit --json</c> says of a law: the members of the contract; parameters by the symbols that papers write.</summary>
public sealed record FitDocument(
    string Law, string Formula, IReadOnlyDictionary<string, double> Parameters, IReadOnlyDictionary<string, double> Derived, double Objective, int Points,
    IReadOnlyDictionary<string, double[]?> Intervals, int Replicates, BackTestDocument? Backtest, IReadOnlyList<BackTestDocument> Backtests, IReadOnlyList<AskedDocument> Predictions, IReadOnlyList<string> Doubts)
{
    public static FitDocument Of(LawAnswer answer)
    {
        var (fit, law) = (answer.Fit, answer.Fit.Law);
        var derived = law.Derived(fit.Estimate.Parameters);
        var intervals = law.Symbols.Select((symbol, k) => (symbol, fit.IntervalOf(parameters => parameters[k])))
            .Concat(derived.Select((pair, k) => (pair.Symbol, fit.IntervalOf(parameters => law.Derived(parameters)[k].Value))));
        BackTestDocument[] tests = [.. answer.BackTests.Select(BackTestDocument.Of)];
        return new(
            law.Name, law.Formula, law.Symbols.Zip(fit.Estimate.Parameters).ToDictionary(pair => pair.First, pair => pair.Second), derived.ToDictionary(pair => pair.Symbol, pair => pair.Value),
            fit.Estimate.Objective, fit.Points.Count, intervals.ToDictionary(pair => pair.Item1, pair => Ends(pair.Item2)), fit.Replicates.Parameters.Count,
            tests.LastOrDefault(), tests, [.. answer.Asked.Select(AskedDocument.Of)], answer.Doubts);
    }

    internal static double[]? Ends(Interval? interval) => interval is null ? null : [interval.Low, interval.High];
}

public sealed record BackTestDocument(
    string Cut, int Fitted, int Tested, double Mare, double Max, double Bias, double LnRmse, double? Coverage, double Extrapolation, BackTestFigures? PowerLaw, IReadOnlyList<TestedDocument> Predictions)
{
    public static BackTestDocument Of(BackTest test)
    {
        var figures = test.Figures;
        return new(test.Cut, test.Fit.Points.Count, test.Tests.Count, figures.Mare, figures.Max, figures.Bias, figures.LogRmse, figures.Coverage, figures.Extrapolation, test.PowerLawFigures, [.. test.Tests.Select(TestedDocument.Of)]);
    }
}

public sealed record TestedDocument(string Name, double Observed, double Predicted, double[]? Interval, double RelativeError, double Extrapolation)
{
    public static TestedDocument Of(Tested tested) =>
        new(tested.Observed.Run, tested.Observed.Y, tested.Foretold.Value, FitDocument.Ends(tested.Foretold.Interval), tested.RelativeError, tested.Foretold.Extrapolation);
}

public sealed record AskedDocument(IReadOnlyDictionary<string, double> At, double Predicted, double[]? Interval, double Extrapolation)
{
    public static AskedDocument Of(Asked asked) =>
        new(asked.At.ToDictionary(pair => pair.Variable.Symbol, pair => pair.Value), asked.Foretold.Value, FitDocument.Ends(asked.Foretold.Interval), asked.Foretold.Extrapolation);
}
