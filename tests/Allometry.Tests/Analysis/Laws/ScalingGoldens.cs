using System.Text.Json.Nodes;
using Allometry.Analysis.Laws;
using Allometry.Tests.Golden;

namespace Allometry.Tests.Analysis.Laws;

/// <summary>The worked examples of scaling-law fitting, and the tables that they speak of.</summary>
public static class ScalingGoldens
{
    /// <summary>Relative, for closed forms; for exponents and E of a fit; for its scales; for its objective.</summary>
    public const double Closed = 1e-9, Shape = 1e-3, Scale = 1e-2, Objective = 1e-4;

    public static JsonNode Json { get; } = Goldens.Json("scaling.json");

    public static RunTable OpenLm { get; } = RunTable.Read(DataOf("openlm-c4-rpj.csv"));

    public static IReadOnlyList<Observation> Synthetic240 { get; } = new LawColumns(RunTable.Read(DataOf("synthetic-240.csv")), new Dictionary<Variable, string>()) is var columns
        ? columns.Observations(new Chinchilla(), columns.Table.Rows) : [];

    public static string DataOf(string file) => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(Goldens.Committed()))!, "data", "scaling", file);

    public static double Number(this JsonNode? node, string name) => node![name]!.GetValue<double>();

    public static IReadOnlyList<double> Numbers(this JsonNode? node, string name) => [.. node![name]!.AsArray().Select(value => value!.GetValue<double>())];

    /// <summary>E, A, B, alpha, beta.</summary>
    public static IReadOnlyList<double> Chinchilla(this JsonNode law) => [.. new[] { "E", "A", "B", "alpha", "beta" }.Select(law.Number)];

    public static IReadOnlyList<Observation> Points(this JsonNode example) =>
        [.. example["points"]!.AsArray().Select((point, i) => new Observation($"{i}", [point![0]!.GetValue<double>(), point[1]!.GetValue<double>()], point[2]!.GetValue<double>()))];

    /// <summary>Rows of the table of real runs as a law reads them, N with embeddings.</summary>
    public static IReadOnlyList<Observation> Runs(ScalingLaw law, params string[] conditions)
    {
        var columns = new LawColumns(OpenLm, new Dictionary<Variable, string> { [Variable.Parameters] = "params_total", [Variable.Tokens] = "tokens", [Variable.Loss] = "loss_c4_val", [Variable.Error] = "err17" });
        var read = conditions.Select(text => Condition.Parse("--where", text, OpenLm)).ToArray();
        return columns.Observations(law, [.. OpenLm.Rows.Where(row => read.All(condition => condition.Holds(row)))]);
    }

    public static void Near(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(actual / expected - 1) <= tolerance, $"{actual:R} is not {expected:R} within {tolerance}: it is off by {actual / expected - 1:E2}");

    /// <summary>A fit of E, A, B, alpha, beta against a worked one.</summary>
    public static void Matches(JsonNode expected, Estimate actual)
    {
        Assert.True(actual.Objective <= expected.Number("objective") * (1 + Objective), $"the objective is {actual.Objective:R}, not {expected.Number("objective"):R}");
        foreach (var (symbol, value, tolerance) in new[] { "E", "A", "B", "alpha", "beta" }.Zip(actual.Parameters, [Shape, Scale, Scale, Shape, Shape]))
            if (expected[symbol] is not null) Near(expected.Number(symbol), value, tolerance);
    }
}
