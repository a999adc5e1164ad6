using Allometry.Analysis.Laws;

namespace Allometry.Reports.Laws;

/// <summary>The law with its numbers.</summary>
internal static class ParametersSection
{
    private const double Rounding = 1e-9;

    public static Section Of(LawAnswer answer) => new("law", "The law",
        [new Paragraph(Lead(answer), Lead: true), Parameters(answer.Fit), .. answer.Doubts.Concat(Starts(answer.Fit)).Select(text => new Paragraph(text))], InBrief: true);

    private static string Lead(LawAnswer answer)
    {
        var (fit, law) = (answer.Fit, answer.Fit.Law);
        var numbers = law.Symbols.Zip(fit.Estimate.Parameters).Select(pair => $"{pair.First} = {LawPage.Constant(pair.Second)}");
        return $"{law.Formula} with {Words.List(numbers)}.";
    }

    private static Table Parameters(LawFit fit)
    {
        var rows = fit.Law.Symbols.Select((symbol, k) => Row(fit, symbol, fit.Estimate.Parameters[k], parameters => parameters[k]));
        var derived = fit.Law.Derived(fit.Estimate.Parameters).Select((pair, k) => Row(fit, pair.Symbol, pair.Value, parameters => fit.Law.Derived(parameters)[k].Value));
        return new("parameters", "Parameters",
            [Column.Words("symbol", "Symbol"), new("value", "Value"), .. LawPage.EndsOf("value", "95 % interval"), new("standard-error", "Standard error")],
            [.. rows, .. derived], Note(fit));
    }

    private static IReadOnlyList<Cell> Row(LawFit fit, string symbol, double value, Func<IReadOnlyList<double>, double> quantity)
    {
        var draws = fit.Replicates.Parameters.Select(quantity).Where(double.IsFinite).ToArray();
        var error = draws.Length < 2 ? null : Analysis.Spread.Of(draws)?.StandardDeviation;
        // Where only those resamples can be fitted that hold the same few sizes, none of them moves what rests on these.
        var isTold = fit.Replicates.Failures == 0 || error > Rounding * Math.Abs(value);
        return [Cell.Of(symbol), Cell.Of(value, LawPage.Constant), .. LawPage.Ends(isTold ? fit.IntervalOf(quantity) : null, LawPage.Constant), Cell.Of(isTold ? error : null, LawPage.Constant)];
    }

    private static string Note(LawFit fit)
    {
        var failures = fit.Replicates.Failures == 0 ? "" : $", {fit.Replicates.Failures} resamples could not be fitted";
        return $"Objective {fit.Estimate.Objective:0.######e+0} over {Words.Some(fit.Points.Count, "point")}; intervals from {fit.Replicates.Parameters.Count} replicates{failures}. Scales and exponents move together: what follows from them is surer than each.";
    }

    private static IEnumerable<string> Starts(LawFit fit)
    {
        if (fit.Estimate is { Agreeing: < 3 and var agreeing, Starts: var starts }) yield return $"Only {agreeing} of {starts} starts ended at the lowest point: there may be a lower one.";
        if (fit.Replicates is { Failures: var failures, Parameters.Count: var fitted } && failures > fitted) yield return $"{failures} of {failures + fitted} resamples could not be fitted: intervals are those of the others, too narrow, and none stands where the others all agree.";
        if (fit.Estimate.Steepness > 1e-3) yield return "The fit has not come to rest: the rows may not decide all parameters.";
    }
}
