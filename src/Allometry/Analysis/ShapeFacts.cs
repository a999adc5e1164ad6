namespace Allometry.Analysis;

/// <summary>What arithmetic and the clock know of one run's model.</summary>
/// <param name="Dimensions">By canonical name: model-width, feed-forward-width, head-width, heads, encoder-layers, decoder-layers, vocabulary.</param>
/// <param name="ForwardFlops">One forward pass of one batch, multiply-add as 2.</param>
/// <param name="TrainingFlops">The whole run, every step of it.</param>
/// <param name="MemoryBytes">Peak resident memory measured; 0 where not measured.</param>
/// <param name="PredictedMemoryBytes">What was predicted of that, by arithmetic.</param>
public sealed record ShapeFacts(
    IReadOnlyDictionary<string, int> Dimensions,
    long Parameters,
    long NonEmbeddingParameters,
    double ForwardFlops,
    double TrainingFlops,
    double MemoryBytes,
    double PredictedMemoryBytes)
{
    /// <summary>Parameters that one token uses: all but those of the experts that it does not go to.</summary>
    public long ActiveParameters { get => active ?? Parameters; init => active = value; }

    private readonly long? active;

    /// <summary>All that is no size, as canonical JSON; empty where not known.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>What it predicts of the text, as canonical JSON; empty where that is not known, or it reads none.</summary>
    public string Objective { get; init; } = "";

    /// <summary>Of the training FLOPs those before the first step, such as those of a growth that learns.</summary>
    public double PreparationFlops { get; init; }
}
