using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Interchange;

/// <summary>What Hugging Face's T5 and the families written after it share (configuration_t5.py, modeling_t5.py).</summary>
public abstract partial record T5FamilyLayout : HuggingFaceLayout
{
    private const string Table = "shared.weight", Head = "lm_head.weight";

    // "gelu" is the exact one, except in "gated-gelu" (configuration_t5.py, "for backwards compatibility").
    private static readonly IReadOnlyList<(string Name, Activation Activation)> Activations = HuggingFaceActivations.All;

    /// <summary>The class in transformers that reads such a folder.</summary>
    protected abstract string ModelClass { get; }

    /// <summary>The sizes where config.json leaves them out.</summary>
    protected virtual Shape Usual => new(ModelWidth: 512, FeedForwardWidth: 2048, HeadWidth: 64, Heads: 8, EncoderLayers: 6);

    public override ModelDescription Describe(HuggingFaceConfig config)
    {
        foreach (var (field, value) in Fixed()) config.Demand(field, value);
        config.Ignore("n_positions");
        var layers = config.Size("num_layers", Usual.EncoderLayers, most: 1024);
        var shape = new Shape(config.Size("d_model", Usual.ModelWidth), config.Size("d_ff", Usual.FeedForwardWidth), config.Size("d_kv", Usual.HeadWidth), config.Size("num_heads", Usual.Heads),
            layers, config.Size("num_decoder_layers", layers, most: 1024), config.Size("vocab_size", Usual.Vocabulary));
        var tied = config.Truth("tie_word_embeddings", true);
        return new(new EncoderDecoder
        {
            FeedForward = FeedForward(config),
            Norm = new RootMeanSquareNorm(config.Number("layer_norm_epsilon", 1e-6)),
            Positions = Positions(config),
            Dropout = config.Number("dropout_rate", 0.1),
            Tied = tied,
            Rescaled = config.Truth("scale_decoder_outputs", tied), // before transformers 5 the one field said both
        }, shape);
    }

    public override JsonObject? Generation => new()
    {
        ["decoder_start_token_id"] = LanguageModel.Start,
        ["eos_token_id"] = LanguageModel.End,
        ["pad_token_id"] = LanguageModel.Pad,
    };

    public override JsonObject? Fields(ModelDescription model) => model.Architecture is EncoderDecoder { Positions: RelativePositions positions, Norm: RootMeanSquareNorm norm } architecture && Projection(architecture.FeedForward) is { } projection
        ? new(Fixed().Where(field => field.Value is not null).Concat(Sizes(model.Shape)).Concat(
        [
            new("architectures", new JsonArray(ModelClass)), new("model_type", ModelType),
            new("feed_forward_proj", projection), new("dense_act_fn", projection == "gated-gelu" ? "gelu_new" : projection.Split('-')[^1]), new("is_gated_act", projection.StartsWith("gated-", StringComparison.Ordinal)),
            new("layer_norm_epsilon", norm.Epsilon), new("dropout_rate", architecture.Dropout),
            new("relative_attention_num_buckets", positions.Buckets), new("relative_attention_max_distance", positions.Distance),
            new("tie_word_embeddings", architecture.Tied), new("scale_decoder_outputs", architecture.Rescaled),
        ]).OrderBy(field => field.Key, StringComparer.Ordinal))
        : null;

    public override string NameOf(string weight, Architecture architecture) => weight switch
    {
        "embedding.weight" => Table,
        "head.weight" => Head,
        "encoder.norm.weight" or "decoder.norm.weight" => weight.Replace(".norm.", ".final_layer_norm.", StringComparison.Ordinal),
        "encoder.positions.weight" or "decoder.positions.weight" =>
            weight.Replace(".positions.", $".block.0.layer.0.{SelfAttention(weight[..7], architecture)}.relative_attention_bias.", StringComparison.Ordinal),
        _ => SublayerPattern().Match(weight) is { Success: true } match
            ? $"{match.Groups["stack"]}.block.{match.Groups["layer"]}.layer.{match.Groups["sublayer"]}.{Piece(match, architecture)}"
            : throw new ArgumentException($"{ModelType} has no weight '{weight}'.", nameof(weight)),
    };

    public override IReadOnlyList<string> CopiesOf(string weight, Architecture architecture) =>
        weight != "embedding.weight" ? [] : architecture.Tied ? ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", Head] : ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];

    // Written by the first converter; T5ForConditionalGeneration lists it among what it does not expect.
    public override bool IsUnused(string name) => name == "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";

    /// <summary>Transformers 5 writes that tables are tied whether they are or not, and keeps apart two that differ in the file.</summary>
    public override ModelDescription Settle(ModelDescription model, HuggingFaceConfig config, HuggingFaceWeights weights) =>
        model.Architecture.Tied && config.Has("scale_decoder_outputs") && weights.Tensors.ContainsKey(Head) && weights.Tensors.ContainsKey(Table) && !weights.AreEqual(Head, Table)
            ? model with { Architecture = model.Architecture with { Tied = false } }
            : model;

    /// <summary>The name of the self-attention in the blocks of a stack.</summary>
    protected virtual string SelfAttention(string stack, Architecture architecture) => "SelfAttention";

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Fixed() =>
    [
        new("is_encoder_decoder", true), new("is_decoder", false), new("pad_token_id", LanguageModel.Pad), new("eos_token_id", LanguageModel.End), new("decoder_start_token_id", LanguageModel.Start),
        new("add_cross_attention", null), new("cross_attention_hidden_size", null), new("tie_encoder_decoder", null), new("pruned_heads", null), new("quantization_config", null),
    ];

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Sizes(Shape shape) =>
    [
        new("d_model", shape.ModelWidth), new("d_ff", shape.FeedForwardWidth), new("d_kv", shape.HeadWidth), new("num_heads", shape.Heads),
        new("num_layers", shape.EncoderLayers), new("num_decoder_layers", shape.DecoderLayers), new("vocab_size", shape.Vocabulary),
    ];

    // What config.json says of the activation by itself outweighs what is read off feed_forward_proj, as in the reference.
    private static FeedForward FeedForward(HuggingFaceConfig config)
    {
        var projection = config.Word("feed_forward_proj", "relu");
        var gated = projection.StartsWith("gated-", StringComparison.Ordinal);
        var named = projection == "gated-gelu" ? "gelu_new" : gated ? projection[6..] : projection;
        var function = config.Word("dense_act_fn", named);
        var activation = Activations.FirstOrDefault(known => known.Name == function).Activation;
        if (activation is null)
            config.Wrong(config.Has("dense_act_fn") ? "dense_act_fn" : "feed_forward_proj", $"asks for the activation '{function}', which is not supported", $"known are {string.Join(", ", Activations.Select(known => known.Name))}");
        else if (Activations.All(known => known.Name != named))
            config.Wrong("feed_forward_proj", $"is '{projection}', which is not supported", "write relu, gated-gelu or gated-silu");
        return config.Truth("is_gated_act", gated) ? new GatedFeedForward { Activation = activation ?? new Relu() } : new DenseFeedForward { Activation = activation ?? new Relu() };
    }

    private static string? Projection(FeedForward feedForward) => feedForward switch
    {
        GatedFeedForward { Activation: Gelu } => "gated-gelu",
        GatedFeedForward gated when Word(gated.Activation) is { } word => $"gated-{word}",
        DenseFeedForward dense => Word(dense.Activation),
        _ => null,
    };

    private static string? Word(Activation activation) => HuggingFaceActivations.NameOf(activation);

    private static RelativePositions Positions(HuggingFaceConfig config)
    {
        var (buckets, distance) = (config.Size("relative_attention_num_buckets", 32), config.Size("relative_attention_max_distance", 128));
        if (buckets < 4) config.Wrong("relative_attention_num_buckets", $"is {buckets}", "the rule needs at least 4 buckets");
        else if (distance <= buckets / 2) config.Wrong("relative_attention_max_distance", $"is {distance} with {buckets} buckets", $"the rule needs more than {buckets / 2}");
        return new RelativePositions { Buckets = buckets, Distance = distance };
    }

    private string Piece(Match match, Architecture architecture)
    {
        var attention = match.Groups["sublayer"].Value == "0" ? SelfAttention(match.Groups["stack"].Value, architecture) : "EncDecAttention";
        var feedForward = match.Groups["sublayer"].Value == (match.Groups["stack"].Value == "encoder" ? "1" : "2");
        return match.Groups["piece"].Value switch
        {
            "norm" => "layer_norm.weight",
            "mixer.query" => $"{attention}.q.weight",
            "mixer.key" => $"{attention}.k.weight",
            "mixer.value" => $"{attention}.v.weight",
            "mixer.output" => feedForward ? "DenseReluDense.wo.weight" : $"{attention}.o.weight",
            "mixer.gate" => "DenseReluDense.wi_0.weight",
            _ => architecture.FeedForward is GatedFeedForward ? "DenseReluDense.wi_1.weight" : "DenseReluDense.wi.weight",
        };
    }

    [GeneratedRegex(@"^(?<stack>encoder|decoder)\.layers\.(?<layer>\d+)\.sublayers\.(?<sublayer>\d+)\.(?<piece>norm|mixer\.(query|key|value|output|gate|input))\.weight$")]
    private static partial Regex SublayerPattern();
}
