namespace Allometry.Analysis;

/// <summary>What a shape costs in one respect. The names are those of the recipe's compare.cost.</summary>
/// <param name="Unit">parameters, FLOP, s or bytes.</param>
/// <param name="Of">NaN where the shape has no such number, which takes it off the frontier and says so.</param>
public sealed record CostAxis(string Name, string Title, string Unit, Func<ShapeSummary, double> Of)
{
    public static IReadOnlyList<CostAxis> All { get; } =
    [
        new("parameters", "Parameters", "parameters", shape => shape.Facts.Parameters),
        new("active-parameters", "Parameters that a token uses", "parameters", shape => shape.Facts.ActiveParameters),
        new("non-embedding-parameters", "Parameters without embeddings", "parameters", shape => shape.Facts.NonEmbeddingParameters),
        new("training-flops", "Training compute", "FLOP", shape => shape.Facts.TrainingFlops),
        new("forward-flops", "Compute of one forward batch", "FLOP", shape => shape.Facts.ForwardFlops),
        new("seconds", "Training time", "s", shape => shape.Clock.Seconds?.Mean ?? double.NaN),
        new("seconds-per-million-tokens", "Training time of a million tokens", "s", shape => 1e6 / shape.Clock.TokensPerSecond?.Mean ?? double.NaN),
        new("examples-per-second", "Training time of an example", "s", shape => 1 / shape.Clock.ExamplesPerSecond?.Mean ?? double.NaN),
        new("memory", "Predicted memory", "bytes", shape => shape.Facts.PredictedMemoryBytes),
        new("peak-memory", "Measured memory", "bytes", shape => shape.Facts.MemoryBytes > 0 ? shape.Facts.MemoryBytes : double.NaN),
    ];

    /// <summary>Names of the costs that are shown where a recipe names none.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["parameters", "training-flops", "seconds", "memory"];

    public static CostAxis? Find(string name) => All.FirstOrDefault(axis => axis.Name == name);
}
