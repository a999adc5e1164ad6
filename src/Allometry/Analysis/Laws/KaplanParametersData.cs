using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>L = [(Nc/N)^(alphaN/alphaD) + Dc/D]^alphaD, stopped early, data seen more than once (Kaplan et al. 2020, equation 1.5).</summary>
[Kind("kaplan-nd"), Description("L = [(Nc/N)^(alphaN/alphaD) + Dc/D]^alphaD.")]
public sealed record KaplanParametersData(
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares."), Range(double.Epsilon, double.MaxValue)] double Delta = Huber.Chinchilla) : ScalingLaw
{
    private static readonly ExponentialSum Inner = new([(0, 0), (1, 1)], [(2, 0), (3, 2)]);

    public override string Formula => "L = [(Nc/N)^(alphaN/alphaD) + Dc/D]^alphaD";

    public override IReadOnlyList<string> Symbols { get; } = ["Nc", "alphaN", "Dc", "alphaD"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Parameters, Variable.Tokens];

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var (meanN, meanD) = (points.Average(point => Math.Log(point.X[0])), points.Average(point => Math.Log(point.X[1])));
        double[][] features = [.. points.Select(point => new[] { 1, meanN - Math.Log(point.X[0]), meanD - Math.Log(point.X[1]) })];
        var fit = new RobustFit(Log, features, [.. points.Select(point => Math.Log(point.Y))], new(Delta));
        var starts = Starts(points.Average(point => Math.Log(point.Y)));
        var minimum = near is null ? fit.Minimise(starts) : fit.Minimise([Centred(near, meanN, meanD), starts[0], starts[^1]], RobustFit.Rough);
        return new(Natural(minimum.Coefficients, meanN, meanD), minimum.Objective, minimum.Agreeing, minimum.Starts, minimum.Steepness);
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x)
    {
        var (nc, alphaN, dc, alphaD) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        return Math.Pow(Math.Pow(nc / x[0], alphaN / alphaD) + dc / x[1], alphaD);
    }

    public override double Cost(IReadOnlyList<double> x) => Compute.Of(x[0], x[1]);

    /// <summary>Coefficients: u, alphaN/alphaD, v, alphaD, with u and v the logarithms of both terms at the centre.</summary>
    private static double Log(double[] at, double[] features, double[] gradient)
    {
        double[] inner = [at[0], at[1], at[2], 1], slope = new double[4];
        var log = Inner.Log(inner, features, slope);
        for (var k = 0; k < 3; k++) gradient[k] = at[3] * slope[k];
        gradient[3] = log;
        return at[3] * log;
    }

    private static List<double[]> Starts(double logY) =>
        [.. from alphaD in new[] { 0.05, 0.1, 0.3 }
            from ratio in new[] { 0.5, 1, 1.5 }
            from lean in new[] { -1.0, 1 }
            select new[] { logY / alphaD + lean - 1, ratio, logY / alphaD - lean - 1, alphaD }];

    private static double[] Natural(double[] at, double meanN, double meanD) =>
        [Math.Exp(at[0] / at[1] + meanN), at[1] * at[3], Math.Exp(at[2] + meanD), at[3]];

    private static double[] Centred(IReadOnlyList<double> p, double meanN, double meanD)
    {
        var ratio = p[1] / p[3];
        return [ratio * (Math.Log(p[0]) - meanN), ratio, Math.Log(p[2]) - meanD, p[3]];
    }
}
