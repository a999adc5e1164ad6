using System.ComponentModel;
using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Stranger.Tests;

/// <summary>How Hugging Face would write down T5 with the square feed-forward: a model_type, what its config.json means, and one more name.</summary>
[Kind("square-t5"), Description("T5 whose feed-forward is one square matrix.")]
public sealed record SquareLayout : T5FamilyLayout
{
    protected override string ModelClass => "SquareT5ForConditionalGeneration";

    public override ModelDescription Describe(HuggingFaceConfig config)
    {
        var plain = base.Describe(config);
        return plain with { Architecture = plain.Architecture with { FeedForward = new SquareFeedForward() } };
    }

    public override JsonObject? Fields(ModelDescription model) => model.Architecture.FeedForward is SquareFeedForward
        ? base.Fields(model with { Architecture = model.Architecture with { FeedForward = new DenseFeedForward() } })
        : null;

    public override string NameOf(string weight, Architecture architecture) => weight.EndsWith(".mixer.square.weight", StringComparison.Ordinal)
        ? base.NameOf(weight.Replace(".mixer.square.", ".norm.", StringComparison.Ordinal), architecture).Replace(".layer_norm.", ".Square.", StringComparison.Ordinal)
        : base.NameOf(weight, architecture);
}
