using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Gpt2;

/// <summary>
/// GPT-2 (configuration_gpt2.py, modeling_gpt2.py). Its matrices are stored [in, out] ("Conv1D"), and query, key and value of a layer in one of them.
/// </summary>
[Kind("gpt2")]
public sealed partial record Gpt2Layout : HuggingFaceLayout
{
    private const string Prefix = "transformer.";

    public override ModelDescription Describe(HuggingFaceConfig config)
    {
        foreach (var (field, value) in Fixed()) config.Demand(field, value);
        config.Ignore("n_ctx", "pad_token_id", "eos_token_id", "attn_pdrop", "embd_pdrop", "reorder_and_upcast_attn",
            "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj");
        var (width, heads) = (config.Size("n_embd", 768), config.Size("n_head", 12));
        if (width % heads != 0) config.Wrong("n_head", $"is {heads}, which does not divide the width {width}", "correct it");
        var shape = new Shape(width, config.Size("n_inner", 4 * width), Math.Max(1, width / heads), heads, DecoderLayers: config.Size("n_layer", 12, most: 1024), Vocabulary: config.Size("vocab_size", 50257));
        return new(new DecoderOnly
        {
            StartToken = false,
            Attention = new MultiHeadAttention { Scaled = true, Biased = true },
            FeedForward = new DenseFeedForward { Activation = HuggingFaceActivations.Read(config, "activation_function", "gelu_new"), Biased = true },
            Norm = new LayerNorm(config.Number("layer_norm_epsilon", 1e-5)),
            Positions = new LearnedPositions { Length = config.Size("n_positions", 1024) },
            Dropout = config.Number("resid_pdrop", 0.1),
            Rescaled = false,
            Initialisation = new NormalInitialisation(),
        }, shape);
    }

    public override JsonObject? Fields(ModelDescription model) => model is { Architecture: DecoderOnly { Norm: LayerNorm norm, Positions: LearnedPositions positions, FeedForward: DenseFeedForward feedForward } architecture, Shape: var shape }
        && shape.AttentionWidth == shape.ModelWidth && HuggingFaceActivations.NameOf(feedForward.Activation) is { } activation
        ? new(Fixed().Where(field => field.Value is not null).Concat(
        [
            new("architectures", new JsonArray("GPT2LMHeadModel")), new("model_type", ModelType),
            new("n_embd", shape.ModelWidth), new("n_head", shape.Heads), new("n_inner", shape.FeedForwardWidth), new("n_layer", shape.DecoderLayers), new("n_positions", positions.Length), new("vocab_size", shape.Vocabulary),
            new("activation_function", activation), new("layer_norm_epsilon", norm.Epsilon),
            new("attn_pdrop", architecture.Dropout), new("embd_pdrop", architecture.Dropout), new("resid_pdrop", architecture.Dropout),
        ]).OrderBy(field => field.Key, StringComparer.Ordinal))
        : null;

    public override string NameOf(string weight, Architecture architecture) => Prefix + (weight switch
    {
        "embedding.weight" => "wte.weight",
        "decoder.positions.weight" => "wpe.weight",
        _ when weight.StartsWith("decoder.norm.", StringComparison.Ordinal) => $"ln_f.{weight[13..]}",
        _ => SublayerPattern().Match(weight) is { Success: true } match
            ? $"h.{match.Groups["layer"]}.{Piece(match.Groups["sublayer"].Value == "0", match.Groups["piece"].Value)}.{match.Groups["kind"]}"
            : throw new ArgumentException($"GPT-2 has no weight '{weight}'.", nameof(weight)),
    });

    public override Holding Holds(string weight, Architecture architecture)
    {
        if (SublayerPattern().Match(weight) is not { Success: true } match || match.Groups["piece"].Value == "norm") return new([weight]);
        var matrix = match.Groups["kind"].Value == "weight";
        return match.Groups["piece"].Value is "mixer.query" or "mixer.key" or "mixer.value"
            ? new([.. new[] { "query", "key", "value" }.Select(part => string.Create(CultureInfo.InvariantCulture, $"decoder.layers.{match.Groups["layer"]}.sublayers.0.mixer.{part}.{match.Groups["kind"]}"))], matrix)
            : new([weight], matrix);
    }

    public override IReadOnlyList<string> CopiesOf(string weight, Architecture architecture)
    {
        var bare = NameOf(weight, architecture)[Prefix.Length..];
        return weight == "embedding.weight" ? [bare, "lm_head.weight"] : [bare];
    }

    // The causal mask, which older files hold as buffers.
    public override bool IsUnused(string name) => Buffer().IsMatch(name);

    private static string Piece(bool attention, string piece) => piece switch
    {
        "norm" => attention ? "ln_1" : "ln_2",
        "mixer.output" => attention ? "attn.c_proj" : "mlp.c_proj",
        "mixer.input" => "mlp.c_fc",
        _ => "attn.c_attn",
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Fixed() =>
    [
        new("tie_word_embeddings", true), new("scale_attn_weights", true), new("scale_attn_by_inverse_layer_idx", false), new("is_encoder_decoder", false),
        new("add_cross_attention", null), new("cross_attention_hidden_size", null), new("tie_encoder_decoder", null), new("pruned_heads", null), new("quantization_config", null),
    ];

    [GeneratedRegex(@"^decoder\.layers\.(?<layer>\d+)\.sublayers\.(?<sublayer>0|1)\.(?<piece>norm|mixer\.(query|key|value|output|input))\.(?<kind>weight|bias)$")]
    private static partial Regex SublayerPattern();

    [GeneratedRegex(@"^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$")]
    private static partial Regex Buffer();
}
