using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Allometry.Kinds;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace Allometry.Analysis.Stopping;

/// <summary>
/// Each run's curve is continued to its end. By how much that misses, for want of noise-free curves and because a falling rate brings what no curve before it shows, is measured on the pilots, which have
/// come to theirs; it tells how far every other shape's loss may lie from what is foretold. A shape is given up whose whole interval lies behind the frontier in every cost: there is always one that costs no
/// more and ends lower, whatever both forecasts miss by.
/// </summary>
[Kind("extrapolation")]
[Description("Gives up shapes whose curve, continued with its uncertainty, ends behind the frontier in every cost.")]
public sealed record Extrapolation(
    [property: Description("How often a shape that belongs on the frontier may be given up."), Range(1e-6, 0.5)] double Error = 0.05,
    [property: Description("Shapes, spread evenly over the costs, that run to their ends first and show how far such forecasts can be trusted."), Range(3, 1000)] int Pilots = 4) : StoppingRule
{
    public override int PilotCount => Pilots;

    public override int FewestPoints => CurveForecast.FewestPoints;

    public override IReadOnlyList<Lost> Decide(IReadOnlyList<Contender> contenders)
    {
        var misses = contenders.Where(one => one.Final is not null).Select(one => Forecast(one) is { } forecast ? Math.Log(one.Final!.Value) - forecast.Log : double.NaN).Where(double.IsFinite).ToArray();
        if (misses.Length < 3) return [];
        var outlooks = contenders.Select(one => Of(one, misses)).OfType<Outlook>().ToArray();
        var quantile = StudentT.InvCDF(0, 1, misses.Length - 1, 1 - Error);
        return [.. outlooks.Where(one => one.Contender.Final is null).Select(one => Beaten(one, outlooks, quantile)).OfType<Lost>()];
    }

    /// <summary>Null where nothing can be said of a shape.</summary>
    private static Outlook? Of(Contender one, double[] misses)
    {
        if (one.Final is { } final) return new(one, Math.Log(final), 0, 0);
        if (Forecast(one) is not { } forecast) return null;
        // What the pilots' forecasts missed by contains the noise of their own curves; a curve that is noisier than theirs is told by itself.
        var spread = Math.Max(misses.StandardDeviation(), forecast.Error);
        return new(one, forecast.Log + misses.Mean(), spread, spread / Math.Sqrt(misses.Length));
    }

    private static CurveForecast? Forecast(Contender one)
    {
        var runs = one.Runs.Select(CurveForecast.Of).ToArray();
        return runs.Any(run => run is null) ? null : new(runs.Average(run => run!.Log), Math.Sqrt(runs.Sum(run => run!.Error * run.Error)) / runs.Length);
    }

    private static Lost? Beaten(Outlook one, Outlook[] all, double quantile)
    {
        var better = all.Where(other => one.Log - other.Log > quantile * one.ErrorBeside(other)).ToArray();
        var costs = Enumerable.Range(0, one.Contender.Costs.Count);
        if (!costs.All(cost => better.Any(other => other.Contender.CostsNoMoreThan(one.Contender, cost)))) return null;
        var by = better.Where(other => other.Contender.CostsNoMoreThan(one.Contender, 0)).MinBy(other => other.Log)!;
        var half = quantile * one.ErrorBeside(by);
        return new(one.Contender.Name, string.Create(CultureInfo.InvariantCulture,
            $"its held-out loss would end at {Math.Exp(one.Log):0.000}, {Math.Exp(one.Log) - Math.Exp(by.Log):0.000} ± {Math.Exp(one.Log) * half:0.000} behind {by.Contender.Name}, which costs no more"));
    }

    /// <summary>Where a shape ends.</summary>
    /// <param name="Log">Of the loss.</param>
    /// <param name="Own">Standard error of that by what is its own.</param>
    /// <param name="Shared">And by what all forecasts miss by alike, as far as the pilots leave that open.</param>
    private sealed record Outlook(Contender Contender, double Log, double Own, double Shared)
    {
        /// <summary>Standard error of the difference: what all forecasts share falls out, unless the other's end is known.</summary>
        public double ErrorBeside(Outlook other) => Math.Sqrt((Own * Own) + (other.Own * other.Own) + (other.Own == 0 ? Shared * Shared : 0));
    }
}
