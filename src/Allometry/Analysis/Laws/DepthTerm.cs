using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>
/// What depth is worth at equal size: L = E + A (N s)^-alpha + B/D^beta with ln s = c1 z + c2 z^2, where z is the logarithm of depth over the depth that T5's
/// released sizes have at N. A c1 above zero: deeper acts as if it were larger. Upstream only: at equal loss deeper models may still do better on tasks.
/// </summary>
[Kind("depth"), Description("What depth is worth at equal size: E + A (N s)^-alpha, ln s = c1 z.")]
public sealed record DepthTerm(
    [Description("Whether runs differ in their data too, which adds B/D^beta.")] bool Data = false,
    [Description("Whether the gain may fade: c2.")] bool Bowed = false,
    [Description("Whether there is an E; without one it is 0.")] bool Floor = true,
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares."), Range(double.Epsilon, double.MaxValue)] double Delta = Huber.Chinchilla) : ScalingLaw
{
    // A line through the released sizes tiny, small, base and large: 8, 12, 24 and 48 layers at 15.6, 60.5, 223 and 738 million parameters.
    private const double Layers = 8, Size = 15.6e6, Slope = 0.46;

    public override string Formula => $"L = {(Floor ? "E + " : "")}A (N s)^-alpha{(Data ? " + B/D^beta" : "")}, ln s = c1 z{(Bowed ? " + c2 z^2" : "")}, z = ln(depth / depth0(N))";

    public override IReadOnlyList<string> Symbols => [.. Floor ? ["E"] : Array.Empty<string>(), "A", .. Data ? ["B"] : Array.Empty<string>(), "alpha", .. Data ? ["beta"] : Array.Empty<string>(), "c1", .. Bowed ? ["c2"] : Array.Empty<string>()];

    public override IReadOnlyList<Variable> Reads => Data ? [Variable.Parameters, Variable.Depth, Variable.Tokens] : [Variable.Parameters, Variable.Depth];

    private int Terms => Data ? 2 : 1;

    private int Alpha => (Floor ? 1 : 0) + Terms;

    private int FirstShape => Alpha + Terms;

    private PowerSum Form => new(Floor, Terms, Linear: Bowed ? 2 : 1);

    public static double UsualDepth(double parameters) => Layers * Math.Pow(parameters / Size, Slope);

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var fitted = Form.Fit([.. points.Select(point => point with { X = Features(point.X) })], new(Delta), near is null ? null : Worth(near, -near[Alpha]));
        return fitted with { Parameters = Worth(fitted.Parameters, -1 / fitted.Parameters[Alpha]) };
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => Form.At(Worth(parameters, -parameters[Alpha]), Features(x));

    /// <summary>Leaving out one size at a time, does the law foretell it better with depth than without?</summary>
    public override IEnumerable<string> Doubts(IReadOnlyList<Observation> points, Estimate estimate)
    {
        var (with, without) = (LeaveOneSizeOut(points, this), LeaveOneSizeOut([.. points.Select(point => point with { X = [.. point.X.Where((_, k) => k != 1)] })], Data ? new Chinchilla(Delta) : new PowerLaw("n", Floor, Delta)));
        if (with is null || without is null) yield return "There are too few sizes to leave one out and see whether depth helps to foretell it.";
        else if (!double.IsFinite(with.Value + without.Value)) yield return "Whether depth helps to foretell a size cannot be told: with one left out the law has no finite parameters.";
        else yield return $"Each size left out in turn is foretold to {100 * with:0.##} % with depth and to {100 * without:0.##} % without: {(with < without ? "depth earns its place if the interval of c1 does not hold 0" : "depth does not earn its place")}.";
    }

    private static double? LeaveOneSizeOut(IReadOnlyList<Observation> points, ScalingLaw law)
    {
        List<double> errors = [];
        foreach (var size in points.GroupBy(point => point.X[0]))
        {
            Observation[] others = [.. points.Where(point => point.X[0] != size.Key)];
            if (LawProblems.Of(law, others).Any()) return null;
            var parameters = law.Estimate(others).Parameters;
            errors.AddRange(size.Select(point => Math.Abs(law.Predict(parameters, point.X) / point.Y - 1)));
        }
        return errors.Average();
    }

    private double[] Features(IReadOnlyList<double> x)
    {
        var z = Math.Log(x[1] / UsualDepth(x[0]));
        return [x[0], .. Data ? [x[2]] : Array.Empty<double>(), z, z * z];
    }

    private double[] Worth(IReadOnlyList<double> parameters, double factor) => [.. parameters.Select((value, k) => k >= FirstShape ? value * factor : value)];
}
