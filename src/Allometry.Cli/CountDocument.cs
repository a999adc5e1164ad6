using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Training;

namespace Allometry.Cli;

/// <summary>What <c>count --json</c> says of one model: the members of the contract. Bytes are float32, the optimiser's are Adafactor's.</summary>
public sealed record CountDocument(string Name, CountedParameters Parameters, CountedFlops Flops, CountedBytes Bytes, CountedShape Shape)
{
    /// <summary>Said only where there are released checkpoints to be known or not.</summary>
    public bool? Resolved { get; init; }

    public string? Reason { get; init; }

    public static CountDocument Of(CountedModel model, Setting setting)
    {
        var (sheet, shape) = (model.Architecture.Count(model.Shape, setting), model.Shape);
        var optimizer = (Optimizer)Catalogue.Find(typeof(Optimizer), "adafactor")!.Default();
        return new(
            model.Name,
            new(sheet.Parameters, sheet.EmbeddingParameters, sheet.NonEmbeddingParameters, sheet.ActiveParameters),
            new(sheet.ForwardFlops, sheet.TrainingFlops, sheet.DecodeFlops),
            new(4.0 * sheet.Parameters, optimizer.StateBytes(sheet.Weights), sheet.ActivationBytes),
            new(shape.ModelWidth, shape.FeedForwardWidth, shape.HeadWidth, shape.Heads, shape.EncoderLayers, shape.DecoderLayers, shape.Vocabulary))
        {
            Resolved = model.Doubt is null ? null : false,
            Reason = model.Doubt,
        };
    }
}

public sealed record CountedParameters(long Total, long Embedding, long NonEmbedding, long Active);

public sealed record CountedFlops(double Forward, double TrainingStep, double DecodeToken);

public sealed record CountedBytes(double Weights, double Optimizer, double Activations);

public sealed record CountedShape(int ModelWidth, int FeedForwardWidth, int HeadWidth, int Heads, int EncoderLayers, int DecoderLayers, int Vocabulary);
