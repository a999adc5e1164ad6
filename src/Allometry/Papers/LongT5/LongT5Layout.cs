using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.LongT5;

/// <summary>LongT5: T5 whose encoder has one of the two windowed attentions (configuration_longt5.py, modeling_longt5.py).</summary>
[Kind("longt5")]
public sealed record LongT5Layout : T5FamilyLayout
{
    private const string Local = "local", TransientGlobal = "transient-global";

    protected override string ModelClass => "LongT5ForConditionalGeneration";

    public override ModelDescription Describe(HuggingFaceConfig config)
    {
        var plain = base.Describe(config);
        var encoder = Stack.Of(new SelfAttention(Attention(config, (RelativePositions)plain.Architecture.Positions)), new FeedForwardSublayer());
        return plain with { Architecture = (EncoderDecoder)plain.Architecture with { Encoder = encoder } };
    }

    public override JsonObject? Fields(ModelDescription model)
    {
        if (AttentionOf(model.Architecture) is not { } attention || base.Fields(model) is not { } fields) return null;
        fields["encoder_attention_type"] = attention is LocalAttention ? Local : TransientGlobal;
        fields["local_radius"] = attention.Radius;
        fields["global_block_size"] = (attention as TransientGlobalAttention ?? new()).BlockSize;
        return fields;
    }

    public override string NameOf(string weight, Architecture architecture)
    {
        var attention = SelfAttention("encoder", architecture);
        if (weight == "encoder.tables.0.weight") return $"encoder.block.0.layer.0.{attention}.global_relative_attention_bias.weight";
        return weight.EndsWith(".mixer.norm.weight", StringComparison.Ordinal)
            ? base.NameOf(weight.Replace(".mixer.norm.", ".norm.", StringComparison.Ordinal), architecture).Replace(".layer_norm.", $".{attention}.global_input_layer_norm.", StringComparison.Ordinal)
            : base.NameOf(weight, architecture);
    }

    protected override string SelfAttention(string stack, Architecture architecture) => stack == "decoder" ? base.SelfAttention(stack, architecture)
        : AttentionOf(architecture) is LocalAttention ? "LocalSelfAttention" : "TransientGlobalSelfAttention";

    private static WindowedAttention? AttentionOf(Architecture architecture) =>
        architecture is EncoderDecoder { Encoder.Pattern: [[SelfAttention { Attention: WindowedAttention attention }, ..]] } ? attention : null;

    private static WindowedAttention Attention(HuggingFaceConfig config, RelativePositions positions)
    {
        var (type, radius, block) = (config.Word("encoder_attention_type", Local), config.Size("local_radius", 127), config.Size("global_block_size", 16));
        if (type is not (Local or TransientGlobal)) config.Wrong("encoder_attention_type", $"is '{type}', which is not supported", $"write {Local} or {TransientGlobal}");
        return type == Local
            ? new LocalAttention { Radius = radius }
            : new TransientGlobalAttention { Radius = radius, BlockSize = block, Buckets = positions.Buckets, Distance = positions.Distance };
    }
}
