using Allometry.Kernels;

namespace Allometry.Tests.Kernels;

public class ElementwiseTests
{
    private static readonly Dictionary<string, (Elementwise Ours, Func<double, double> Exact)> Known = new()
    {
        ["relu"] = (Elementwise.Relu, x => Math.Max(x, 0)),
        ["squared-relu"] = (Elementwise.SquaredRelu, x => Math.Max(x, 0) * Math.Max(x, 0)),
        ["gelu"] = (Elementwise.Gelu, x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))),
        ["silu"] = (Elementwise.Silu, x => x / (1 + Math.Exp(-x))),
    };

    public static TheoryData<string> Names => [.. Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Values_are_those_of_the_definition_in_double_precision(string name)
    {
        using var x = Points();
        using var y = new Grid(1, x.Columns, 0, 1);
        Known[name].Ours.Apply(x.Matrix, y.Matrix);
        for (var i = 0; i < x.Columns; i++) AssertNear(Known[name].Exact(x[0, i]), y[0, i], Math.Max(Math.Abs(x[0, i]), Known[name].Exact(x[0, i])));
    }

    [Theory, MemberData(nameof(Names))]
    public void Slopes_are_those_of_finite_differences_in_double_precision(string name)
    {
        using var x = Points();
        using var dy = new Grid(1, x.Columns, 0, 1);
        dy.Fill(-2);
        Known[name].Ours.Differentiate(x.Matrix, dy.Matrix);
        for (var i = 0; i < x.Columns; i++) AssertNear(-2 * Slope(name, x[0, i]), dy[0, i], Math.Max(4, 4 * Slope(name, x[0, i])));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_gate_and_its_gradients_follow_the_product_rule(string name)
    {
        using var gate = Points();
        using var u = new Grid(1, gate.Columns, 0, 1);
        using var dy = new Grid(1, gate.Columns, 0, 2);
        using var y = new Grid(1, gate.Columns, 0, 3);
        using var dGate = new Grid(1, gate.Columns, 0, 4);
        var gradient = Enumerable.Range(0, gate.Columns).Select(i => (double)dy[0, i]).ToArray();
        Known[name].Ours.Gate(gate.Matrix, u.Matrix, y.Matrix);
        Known[name].Ours.DifferentiateGate(gate.Matrix, u.Matrix, dy.Matrix, dGate.Matrix, dy.Matrix); // dU overwrites dy
        for (var i = 0; i < gate.Columns; i++)
        {
            double value = Known[name].Exact(gate[0, i]), size = Math.Max(2, Math.Max(value, Math.Abs(gate[0, i])));
            AssertNear(value * u[0, i], y[0, i], size);
            AssertNear(gradient[i] * u[0, i] * Slope(name, gate[0, i]), dGate[0, i], Math.Max(4, 4 * Slope(name, gate[0, i])));
            AssertNear(gradient[i] * value, dy[0, i], size);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_result_may_overwrite_the_input_and_nothing_behind_it(string name)
    {
        for (var count = 1; count <= 35; count++)
        {
            using var x = new Grid(1, count, 3, count);
            using var y = new Grid(1, count, 3, 99);
            Known[name].Ours.Apply(x.Matrix, y.Matrix);
            Known[name].Ours.Apply(x.Matrix, x.Matrix);
            Assert.Equal(y.Values(false), x.Values(false));
            Assert.True(x.GapsAreUntouched && y.GapsAreUntouched);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_no_number_stays_none_and_what_is_large_stays_finite(string name)
    {
        using var x = new Grid(1, 3, 0, 1);
        using var slopes = new Grid(1, 3, 0, 1);
        (x[0, 0], x[0, 1], x[0, 2]) = (float.NaN, 1e6f, -1e6f);
        slopes.Fill(1);
        Known[name].Ours.Differentiate(x.Matrix, slopes.Matrix);
        Known[name].Ours.Apply(x.Matrix, x.Matrix);
        Assert.True(float.IsNaN(x[0, 0]));
        AssertNear(Known[name].Exact(1e6), x[0, 1], Known[name].Exact(1e6));
        Assert.Equal(Slope(name, 1e6), slopes[0, 1], 1e-4 * Slope(name, 1e6));
        Assert.Equal(0, x[0, 2], 1e-20);
        Assert.Equal(0, slopes[0, 2], 1e-20);
    }

    private static double Slope(string name, double x) => (Known[name].Exact(x + 1e-5) - Known[name].Exact(x - 1e-5)) / 2e-5;

    /// <summary>From -30 to 30, not quite evenly, without 0, where one has no slope.</summary>
    private static Grid Points()
    {
        var grid = new Grid(1, 2001, 0, 1);
        for (var i = 0; i < grid.Columns; i++) grid[0, i] = ((i - 1000) * 0.03f) + 0.0017f;
        return grid;
    }

    private static void AssertNear(double expected, float actual, double size) => Assert.InRange(actual - expected, -1e-6 * Math.Max(size, 1e-3), 1e-6 * Math.Max(size, 1e-3));
}
