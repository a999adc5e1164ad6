using System.ComponentModel;
using Allometry.Analysis.Laws;
using Allometry.Kinds;
using MathNet.Numerics;

namespace Allometry.Papers.Chinchilla;

/// <summary>
/// Approach 2 (Hoffmann et al. 2022, section 3.2): at each budget of compute a parabola of the loss in log10 N; its lowest point is the best size,
/// and a line through their logarithms says how that grows. A parabola that opens downwards, or whose lowest point lies outside the sizes tried, is left out.
/// </summary>
[Kind("chinchilla-isoflop"), Description("N = k C^a, from parabolas of the loss over sizes of equal compute.")]
public sealed record IsoFlop : LogLinearLaw
{
    /// <summary>Runs within this of each other have one budget: steps are whole.</summary>
    private const double SameBudget = 1.05;

    private const int FewestSizes = 3, FewSizes = 5;

    public override string Formula => "N = k C^a";

    public override IReadOnlyList<string> Symbols { get; } = ["k", "a"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Compute, Variable.Parameters];

    public override IReadOnlyList<Variable> Arguments { get; } = [Variable.Compute];

    public override Variable Predicts => Variable.Parameters;

    public override IReadOnlyList<Observation> Points(IReadOnlyList<Observation> rows) =>
        [.. Budgets(rows).Select(Vertex).OfType<Vertex>().Select(vertex => new Observation($"{vertex.Flops:0.##e+0} FLOP", [vertex.Flops], vertex.Parameters))];

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => parameters[0] * Math.Pow(x[0], parameters[1]);

    public override IEnumerable<string> Doubts(IReadOnlyList<Observation> points, Estimate estimate) =>
        points.Count < 4 ? [$"Only {points.Count} budgets have their lowest loss inside the sizes tried: at least four are wanted."] : [];

    protected override IReadOnlyList<double> FromLine(double slope, double intercept) => [Math.Exp(intercept), slope];

    /// <summary>The lowest point of one budget's parabola; null where it has none inside its sizes.</summary>
    public static Vertex? Vertex(IReadOnlyList<Observation> budget)
    {
        double[] x = [.. budget.Select(row => Math.Log10(row.X[1]))], y = [.. budget.Select(row => row.Y)];
        if (x.Distinct().Count() < FewestSizes) return null;
        var middle = x.Average();
        var c = Fit.Polynomial([.. x.Select(value => value - middle)], y, 2);
        var lowest = middle - c[1] / (2 * c[2]);
        return c[2] > 0 && lowest >= x.Min() && lowest <= x.Max()
            ? new(budget.Average(row => row.X[0]), Math.Pow(10, lowest), c[0] - c[1] * c[1] / (4 * c[2]), x.Distinct().Count() >= FewSizes)
            : null;
    }

    private static IEnumerable<List<Observation>> Budgets(IReadOnlyList<Observation> rows)
    {
        List<Observation> budget = [];
        foreach (var row in rows.OrderBy(row => row.X[0]))
        {
            if (budget.Count > 0 && row.X[0] > budget[0].X[0] * SameBudget)
            {
                yield return budget;
                budget = [];
            }
            budget.Add(row);
        }
        if (budget.Count > 0) yield return budget;
    }
}

/// <summary>Where the loss of one budget is lowest.</summary>
/// <param name="IsSure">At least five sizes lie around it.</param>
public sealed record Vertex(double Flops, double Parameters, double Loss, bool IsSure);
