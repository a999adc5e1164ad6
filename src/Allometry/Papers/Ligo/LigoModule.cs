using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Ligo;

/// <summary>What is grown together: one matrix of all layers of a stack, whose depth has coefficients of its own, or one weight outside the layers.</summary>
/// <param name="Name">encoder-0-query-weight; of a weight outside the layers its own.</param>
/// <param name="Dimensions">Of one layer's weight.</param>
/// <param name="Shape">Of one layer's weight in the larger model.</param>
/// <param name="Factor">What the weight is multiplied with beside.</param>
internal sealed record LigoModule(string Name, IReadOnlyList<string> Small, IReadOnlyList<string> Large, IReadOnlyList<LigoMatrix> Dimensions, IReadOnlyList<long> Shape, double Factor)
{
    public bool Deepens => Small.Count != Large.Count;

    /// <summary>Of an architecture whose stacks have layers of one kind.</summary>
    public static IReadOnlyList<LigoModule> All(Architecture architecture, Shape small, Shape large)
    {
        var sizes = new ModelDescription(architecture, small).Weights().ToDictionary(weight => weight.Name, weight => (IReadOnlyList<long>)[.. weight.Shape]);
        var shapes = new ModelDescription(architecture, large).Weights().ToDictionary(weight => weight.Name, weight => (IReadOnlyList<long>)[.. weight.Shape]);
        return [.. GrownWeight.Of(architecture, small).Where(weight => weight.Layer is null or { Layer: 0 }).Select(weight => new LigoModule(
            weight.Layer is null ? weight.Name : $"{weight.Stack}.{weight.Layer.Rest.Replace("sublayers.", "", StringComparison.Ordinal).Replace("mixer.", "", StringComparison.Ordinal)}".Replace('.', '-'),
            Names(weight, small), Names(weight, large), LigoMatrix.Of(architecture, small, large, weight, sizes[weight.Name]), shapes[weight.Name],
            // Logits that are divided by the root of the width would shrink with it.
            weight.IsLastNorm(architecture) && architecture.Rescaled ? Math.Sqrt((double)large.ModelWidth / small.ModelWidth) : 1))];
    }

    /// <summary>The expansions that modules have together, each once.</summary>
    public static IEnumerable<LigoMatrix> Matrices(IEnumerable<LigoModule> modules) => modules.SelectMany(module => module.Dimensions).Where(matrix => matrix.Grows).DistinctBy(matrix => matrix.Name);

    /// <summary>Of the matrix products that make the larger weights: width by width, then all layers of all.</summary>
    public double MakeFlops
    {
        get
        {
            var (numbers, flops) = (Small.Count * Dimensions.Aggregate(1.0, (product, dimension) => product * dimension.Old), 0.0);
            foreach (var dimension in Dimensions.Where(dimension => dimension.Grows))
            {
                flops += 2 * numbers * dimension.New;
                numbers = numbers / dimension.Old * dimension.New;
            }
            return flops + (Deepens ? 2 * numbers * Large.Count : 0);
        }
    }

    private static IReadOnlyList<string> Names(GrownWeight weight, Shape shape) => weight.Layer is not { } layer
        ? [weight.Name]
        : [.. Enumerable.Range(0, weight.Stack == "encoder" ? shape.EncoderLayers : shape.DecoderLayers).Select(i => (layer with { Layer = i }).ToString())];
}
