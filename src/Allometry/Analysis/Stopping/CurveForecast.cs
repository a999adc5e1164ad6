using Allometry.Analysis.Laws;

namespace Allometry.Analysis.Stopping;

/// <summary>
/// Where a training's own curve L = E + A s^-alpha leads: for each exponent of a grid E and A follow from least squares, the best exponent counts, and one step of Gauss and Newton refines all three and
/// tells their uncertainty.
/// </summary>
/// <param name="Log">Logarithm of the loss expected at the end.</param>
/// <param name="Error">Standard error of that, for one further measurement.</param>
public sealed record CurveForecast(double Log, double Error)
{
    /// <summary>Three parameters, and as many losses to tell the noise by.</summary>
    public const int FewestPoints = 6;

    private static readonly double[] Exponents = [.. Enumerable.Range(0, 40).Select(i => 0.05 * Math.Pow(1.1, i))]; // 0.05 to 2.06

    /// <summary>Null where the curve is too short or follows no such law.</summary>
    public static CurveForecast? Of(UnfinishedRun run)
    {
        var points = run.Curve.Where(point => point.Step > 0 && double.IsFinite(point.Loss)).ToArray();
        if (points.Length < FewestPoints) return null;
        double[] steps = [.. points.Select(point => (double)point.Step / run.Steps)], losses = [.. points.Select(point => point.Loss)]; // so the end is at 1
        return Exponents.Select(exponent => Fitted(exponent, steps, losses)).OfType<(double Exponent, LinearFit Fit)>().OrderBy(one => one.Fit.Deviation).Select(one => At(one, steps, losses)).FirstOrDefault();
    }

    private static (double Exponent, LinearFit Fit)? Fitted(double exponent, double[] steps, double[] losses) =>
        LinearFit.Of([.. steps.Select(step => new[] { 1, Math.Pow(step, -exponent) })], losses) is { } fit && fit.Coefficients[1] > 0 ? (exponent, fit) : null;

    private static CurveForecast? At((double Exponent, LinearFit Fit) best, double[] steps, double[] losses)
    {
        var amplitude = best.Fit.Coefficients[1];
        double[] Features(double step) => [1, Math.Pow(step, -best.Exponent), -amplitude * Math.Pow(step, -best.Exponent) * Math.Log(step)];
        if (LinearFit.Of([.. steps.Select(Features)], losses) is not { } full) return null;
        var loss = full.At(Features(1));
        return loss > 0 ? new(Math.Log(loss), full.StandardError(Features(1)) / loss) : null;
    }
}
