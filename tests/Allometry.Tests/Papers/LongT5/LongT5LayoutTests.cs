using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.LongT5;
using Allometry.Tests.Interchange;
using Allometry.Training;

namespace Allometry.Tests.Papers.LongT5;

public class LongT5LayoutTests
{
    private const string Base = """
        { "architectures": ["LongT5ForConditionalGeneration"], "d_ff": 2048, "d_kv": 64, "d_model": 768, "decoder_start_token_id": 0, "dropout_rate": 0.1, "encoder_attention_type": "local", "eos_token_id": 1,
          "feed_forward_proj": "gated-gelu", "global_block_size": 16, "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "local_radius": 127, "model_type": "longt5",
          "n_positions": 4096, "num_decoder_layers": 12, "num_heads": 12, "num_layers": 12, "output_past": true, "pad_token_id": 0, "relative_attention_max_distance": 128, "relative_attention_num_buckets": 32,
          "tie_word_embeddings": false, "torch_dtype": "float32", "transformers_version": "4.20.0.dev0", "use_cache": true, "vocab_size": 32128 }
        """;

    [Theory] // T5 1.1 base has 247,577,856 parameters; transient-global adds 32 x 12 and 12 x 768
    [InlineData("local", 247_577_856)]
    [InlineData("transient-global", 247_577_856 + 384 + 9216)]
    public void The_released_base_models_are_the_presets(string type, long parameters)
    {
        var model = Describe(Base.Replace("\"local\"", $"\"{type}\"", StringComparison.Ordinal));
        Assert.Equal(parameters, model.Weights().Sum(weight => weight.Count));
        Assert.Equal(Canonical.Json(Reader.Read<Architecture>($"long-t5-{type}", "test") with { Dropout = 0.1 }), Canonical.Json(model.Architecture));
    }

    [Fact]
    public void What_is_left_out_is_the_configurations_default() =>
        Assert.Equal(
            Canonical.Json((Architecture)new EncoderDecoder { Dropout = 0.1, Encoder = Stack.Of(new SelfAttention(new LocalAttention()), new FeedForwardSublayer()) }),
            Canonical.Json(Describe("""{ "model_type": "longt5" }""").Architecture));

    [Theory, InlineData("local"), InlineData("transient-global")]
    public void Every_field_that_is_read_is_written(string type)
    {
        var config = JsonNode.Parse(Base)!;
        (config["encoder_attention_type"], config["local_radius"], config["relative_attention_num_buckets"]) = (type, 31, 16);
        if (type == "transient-global") config["global_block_size"] = 5;
        var model = Describe(config.ToJsonString());
        var fields = HuggingFaceLayout.For(model)!.Fields(model)!;
        foreach (var name in (string[])["encoder_attention_type", "local_radius", "global_block_size", "relative_attention_num_buckets", "feed_forward_proj"])
            Assert.Equal(config[name]!.ToJsonString(), fields[name]!.ToJsonString());
        Assert.IsType<LongT5Layout>(HuggingFaceLayout.For(model));
    }

    [Theory, InlineData("encoder_attention_type", "\"sliding\""), InlineData("local_radius", "0"), InlineData("global_block_size", "1.5")]
    public void A_field_that_makes_no_sense_is_named(string field, string value)
    {
        var config = JsonNode.Parse(Base)!;
        config[field] = JsonNode.Parse(value);
        Assert.Contains($"'{field}'", Assert.Throws<InputException>(() => Describe(config.ToJsonString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Globals_with_other_buckets_than_the_tokens_or_a_mixed_encoder_are_no_such_model()
    {
        var shape = new Shape(12, 20, 4, 2, 2, 1, 40);
        Architecture With(params Attention[] layers) => new EncoderDecoder { Encoder = new([.. layers.Select(layer => (IReadOnlyList<Sublayer>)[new SelfAttention(layer), new FeedForwardSublayer()])]) };
        Assert.NotNull(HuggingFaceLayout.For(new(With(new TransientGlobalAttention()), shape)));
        Assert.Null(HuggingFaceLayout.For(new(With(new TransientGlobalAttention { Buckets = 16 }), shape)));
        Assert.Null(HuggingFaceLayout.For(new(With(new LocalAttention(), new TransientGlobalAttention()), shape)));
    }

    [Theory, InlineData("long-t5-local"), InlineData("long-t5-transient-global")]
    public void A_model_of_ours_becomes_a_folder_that_means_the_same_model(string preset)
    {
        using var folder = new TheirFolder();
        using var model = Reader.Read<Architecture>(preset, "test").Build(folder.Model.Shape);
        Checkpoint.Save(model, folder.At("ours"));
        folder.Convert("ours", "theirs-now");
        folder.Convert("theirs-now", "again");
        using var again = Checkpoint.Load(folder.At("again"));
        Assert.Equal(model.state_dict().Select(pair => (pair.Key, Convert.ToHexString(pair.Value.bytes))), again.state_dict().Select(pair => (pair.Key, Convert.ToHexString(pair.Value.bytes))));
        Assert.Equal(Canonical.Json(model.Architecture), Canonical.Json(again.Architecture));
    }

    private static ModelDescription Describe(string config)
    {
        var read = HuggingFaceConfig.Of(JsonNode.Parse(config)!.AsObject(), "config.json");
        var model = HuggingFaceLayout.Of(read).Describe(read);
        read.ThrowIfAny();
        return model;
    }
}
