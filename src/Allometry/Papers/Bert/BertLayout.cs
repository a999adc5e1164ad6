using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Bert;

/// <summary>BERT (configuration_bert.py, modeling_bert.py): the stack and its pooler. Heads of tasks are kept, but not read.</summary>
[Kind("bert")]
public sealed partial record BertLayout : HuggingFaceLayout
{
    private const string Prefix = "bert.";

    public override ModelDescription Describe(HuggingFaceConfig config)
    {
        foreach (var (field, value) in Fixed()) config.Demand(field, value);
        config.Ignore("pad_token_id", "eos_token_id", "cls_token_id", "attention_probs_dropout_prob", "directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type");
        var (width, heads) = (config.Size("hidden_size", 768), config.Size("num_attention_heads", 12));
        if (width % heads != 0) config.Wrong("num_attention_heads", $"is {heads}, which does not divide the width {width}", "correct it");
        var shape = new Shape(width, config.Size("intermediate_size", 3072), Math.Max(1, width / heads), heads, EncoderLayers: config.Size("num_hidden_layers", 12, most: 1024), Vocabulary: config.Size("vocab_size", 30522));
        return new(new EncoderOnly
        {
            Encoder = new Stack([[new SelfAttention { Placement = NormPlacement.Post }, new FeedForwardSublayer { Placement = NormPlacement.Post }]]) { FinalNorm = false },
            Attention = new MultiHeadAttention { Scaled = true, Biased = true },
            FeedForward = new DenseFeedForward { Activation = HuggingFaceActivations.Read(config, "hidden_act", "gelu"), Biased = true },
            Norm = new LayerNorm(config.Number("layer_norm_eps", 1e-12)),
            Positions = new LearnedPositions { Length = config.Size("max_position_embeddings", 512), Types = config.Size("type_vocab_size", 2, most: 1024), Normed = true },
            Dropout = config.Number("hidden_dropout_prob", 0.1),
            Rescaled = false,
            Initialisation = new NormalInitialisation(),
            Pooler = true,
        }, shape);
    }

    public override JsonObject? Fields(ModelDescription model) => model is { Architecture: EncoderOnly { Norm: LayerNorm norm, Positions: LearnedPositions positions, FeedForward: DenseFeedForward feedForward } architecture, Shape: var shape }
        && shape.AttentionWidth == shape.ModelWidth && positions.Types > 0 && HuggingFaceActivations.NameOf(feedForward.Activation) is { } activation
        ? new(Fixed().Where(field => field.Value is not null).Concat(
        [
            new("architectures", new JsonArray("BertModel")), new("model_type", ModelType),
            new("hidden_size", shape.ModelWidth), new("intermediate_size", shape.FeedForwardWidth), new("num_attention_heads", shape.Heads), new("num_hidden_layers", shape.EncoderLayers),
            new("max_position_embeddings", positions.Length), new("type_vocab_size", positions.Types), new("vocab_size", shape.Vocabulary),
            new("hidden_act", activation), new("layer_norm_eps", norm.Epsilon), new("hidden_dropout_prob", architecture.Dropout), new("attention_probs_dropout_prob", architecture.Dropout),
        ]).OrderBy(field => field.Key, StringComparer.Ordinal))
        : null;

    public override string NameOf(string weight, Architecture architecture) => weight switch
    {
        "embedding.weight" => "embeddings.word_embeddings.weight",
        "encoder.positions.weight" => "embeddings.position_embeddings.weight",
        "encoder.positions.types" => "embeddings.token_type_embeddings.weight",
        "encoder.positions.norm.weight" or "encoder.positions.norm.bias" => $"embeddings.LayerNorm.{weight[23..]}",
        "pooler.weight" or "pooler.bias" => $"pooler.dense.{weight[7..]}",
        _ => SublayerPattern().Match(weight) is { Success: true } match
            ? $"encoder.layer.{match.Groups["layer"]}.{Piece(match.Groups["sublayer"].Value == "0", match.Groups["piece"].Value)}.{match.Groups["kind"]}"
            : throw new ArgumentException($"BERT has no weight '{weight}'.", nameof(weight)),
    };

    // A model with a head has the prefix; files from before 2019 say gamma and beta.
    public override IReadOnlyList<string> CopiesOf(string weight, Architecture architecture)
    {
        var name = NameOf(weight, architecture);
        var old = name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
        return [.. new[] { old, Prefix + name, Prefix + old }.Distinct().Where(copy => copy != name)];
    }

    public override bool IsUnused(string name) => name.StartsWith("cls.", StringComparison.Ordinal) || name.StartsWith("classifier.", StringComparison.Ordinal) || name.StartsWith("qa_outputs.", StringComparison.Ordinal)
        || name.EndsWith("embeddings.position_ids", StringComparison.Ordinal);

    /// <summary>A model that predicts tokens has no pooler, and its config does not say so.</summary>
    public override ModelDescription Settle(ModelDescription model, HuggingFaceConfig config, HuggingFaceWeights weights) => Pooled(model, weights.Tensors.Keys.Any(name => name.EndsWith("pooler.dense.weight", StringComparison.Ordinal)));

    public override ModelDescription Settled(ModelDescription meant, ModelDescription known) => Pooled(base.Settled(meant, known), known.Architecture is EncoderOnly { Pooler: true });

    private static ModelDescription Pooled(ModelDescription model, bool pooler) => model.Architecture is EncoderOnly architecture ? model with { Architecture = architecture with { Pooler = pooler } } : model;

    private static string Piece(bool attention, string piece) => piece switch
    {
        "norm" => attention ? "attention.output.LayerNorm" : "output.LayerNorm",
        "mixer.output" => attention ? "attention.output.dense" : "output.dense",
        "mixer.input" => "intermediate.dense",
        _ => $"attention.self.{piece[6..]}",
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Fixed() =>
    [
        new("position_embedding_type", "absolute"), new("tie_word_embeddings", true), new("is_decoder", false), new("is_encoder_decoder", false),
        new("add_cross_attention", null), new("cross_attention_hidden_size", null), new("tie_encoder_decoder", null), new("pruned_heads", null), new("quantization_config", null),
    ];

    [GeneratedRegex(@"^encoder\.layers\.(?<layer>\d+)\.sublayers\.(?<sublayer>0|1)\.(?<piece>norm|mixer\.(query|key|value|output|input))\.(?<kind>weight|bias)$")]
    private static partial Regex SublayerPattern();
}
