using System.Text.Json.Nodes;
using Allometry.Analysis.Similarity;
using Allometry.Tests.Golden;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Allometry.Tests.Analysis.Similarity;

/// <summary>CKA and STIR against exact rational arithmetic (goldens/cka.json).</summary>
public class GoldenTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<string> Cases => File.Exists(Path.Combine(Goldens.Folder, "cka.json"))
        ? [.. Goldens.Json("cka.json")["cases"]!.AsArray().Select(golden => (string)golden!["name"]!)]
        : ["none"];

    [Theory, MemberData(nameof(Cases))]
    public void Hsic_and_cka_are_the_references_by_features_and_by_gram_matrices(string name)
    {
        var (x, y, expect) = Open(name);
        foreach (var hsic in (Func<Features, Features, Hsic>[])[LinearCka.ByFeatures, LinearCka.ByGram])
        {
            foreach (var (pair, value) in new[] { ("xy", hsic(x, y)), ("xx", hsic(x, x)), ("yy", hsic(y, y)) })
            {
                Close(expect[$"hsic_sum_{pair}"], value.Sum);
                Close(expect[$"hsic_unbiased_{pair}"], value.Unbiased, scale: value.Sum);
            }
            var cka = Cka.Of(hsic(x, y), hsic(x, x), hsic(y, y));
            Close(expect["cka_linear"], cka.Linear);
            Close(expect["cka_unbiased"], cka.Unbiased);
        }
        Close(expect["cka_linear"], LinearCka.Of(x, y).Linear);
    }

    [Theory, MemberData(nameof(Cases))]
    public void So_are_minibatch_cka_neighbours_and_stir_both_ways(string name)
    {
        var (x, y, expect) = Open(name);
        foreach (var golden in expect["cka_minibatch"]?.AsArray() ?? [])
        {
            var cka = new MinibatchCka();
            foreach (var rows in Enumerable.Range(0, x.Count).Chunk((int)golden!["batch"]!)) cka.Add(x.Choose(rows), y.Choose(rows));
            Close(golden["value"], cka.Value);
        }
        if (expect["nn_x"] is not { } neighbours) return;
        Assert.Equal(neighbours.AsArray().Select(i => (int)i!), NearestNeighbours.Of(x));
        Assert.Equal(expect["nn_y"]!.AsArray().Select(i => (int)i!), NearestNeighbours.Of(y));
        Close(expect["stir_nn_y_given_x"], Stir.ByNeighbours(x, y));
        Close(expect["stir_nn_x_given_y"], Stir.ByNeighbours(y, x));
        Close(expect["stir_nn_x_given_x"], Stir.ByNeighbours(x, x));
    }

    [Fact]
    public void Stir_by_linear_inversion_is_the_references_in_every_direction()
    {
        var golden = Goldens.Json("cka.json")["linear_inversion"]!;
        var (x, seeds) = (Matrix(golden["X"]!), Matrix(golden["seeds"]!));
        foreach (var result in golden["results"]!.AsArray())
        {
            var (first, second) = (Matrix(golden["maps"]![(string)result!["m1"]!]!), Matrix(golden["maps"]![(string)result["m2"]!]!));
            // X' = S + (X - S) W1' W1'^+: what gradient descent from S ends at.
            var inverted = seeds + ((x - seeds) * first.Transpose() * first.Transpose().PseudoInverse());
            Close(result["stir_m2_given_m1"], Stir.Of(Rows(x * second.Transpose()), Rows((DenseMatrix)inverted * second.Transpose())));
        }
    }

    private static (Features X, Features Y, JsonNode Expect) Open(string name)
    {
        Assert.SkipWhen(name == "none", "there are no such cases");
        var golden = Goldens.Json("cka.json")["cases"]!.AsArray().Single(golden => (string)golden!["name"]! == name)!;
        return (Features.Of(Numbers(golden["X"]!)), Features.Of(Numbers(golden["Y"]!)), golden["expect"]!);
    }

    private static double[][] Numbers(JsonNode rows) => [.. rows.AsArray().Select(row => row!.AsArray().Select(cell => (double)cell!).ToArray())];

    private static DenseMatrix Matrix(JsonNode rows) => DenseMatrix.OfRowArrays(Numbers(rows));

    private static Features Rows(MathNet.Numerics.LinearAlgebra.Matrix<double> matrix) => new(matrix.RowCount, matrix.ColumnCount, matrix.ToRowMajorArray());

    private static void Close(JsonNode? expected, double? actual, double scale = 0)
    {
        if (expected is null)
        {
            Assert.True(actual is null, $"{actual} where nothing is defined");
            return;
        }
        Assert.NotNull(actual);
        var value = (double)expected;
        Assert.Equal(value, actual.Value, Tolerance * Math.Max(1, Math.Max(Math.Abs(value), scale)));
    }
}
