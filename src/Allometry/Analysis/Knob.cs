namespace Allometry.Analysis;

/// <summary>One size of a shape that a person can turn, the others left as they are.</summary>
/// <param name="Dimensions">The dimensions that it is the sum of.</param>
public sealed record Knob(string Name, string Title, string Unit, params IReadOnlyList<string> Dimensions)
{
    public static IReadOnlyList<Knob> All { get; } =
    [
        new("depth", "Depth, encoder and decoder", "layers", "encoder-layers", "decoder-layers"),
        new("width", "Model width", "features", "model-width"),
        new("heads", "Heads", "heads", "heads"),
        new("feed-forward", "Feed-forward width", "features", "feed-forward-width"),
        new("head-width", "Width of a head", "features", "head-width"),
    ];

    public int Of(ShapeSummary shape) => Dimensions.Sum(shape.Dimension);

    public bool Varies(IEnumerable<ShapeSummary> shapes) => shapes.Select(Of).Distinct().Skip(1).Any();

    /// <summary>Shapes of one family that differ in this knob alone, each sweep by its rising value.</summary>
    public IEnumerable<ShapeSummary[]> Sweeps(IEnumerable<ShapeSummary> shapes) =>
        shapes.GroupBy(shape => string.Join(' ', shape.Facts.Dimensions.Where(pair => !Dimensions.Contains(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}").Prepend(shape.Family)))
            .Where(Varies).Select(sweep => sweep.OrderBy(Of).ThenBy(shape => shape.Name, StringComparer.Ordinal).ToArray());
}
