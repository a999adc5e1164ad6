using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.T5;
using Allometry.Training;

namespace Allometry.Tests.Papers.T5;

/// <summary>What the config.json files of the released families mean; parameters as their cards and sizes of files have them.</summary>
public class T5LayoutTests
{
    private const string Small = """
        { "architectures": ["T5ForConditionalGeneration"], "d_ff": 2048, "d_kv": 64, "d_model": 512, "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1, "initializer_factor": 1.0,
          "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5", "n_positions": 512, "num_heads": 8, "num_layers": 6, "output_past": true, "pad_token_id": 0,
          "relative_attention_num_buckets": 32, "task_specific_params": { "summarization": { "early_stopping": true, "length_penalty": 2.0, "num_beams": 4, "prefix": "summarize: " } }, "vocab_size": 32128 }
        """;

    private const string Small11 = """
        { "architectures": ["T5ForConditionalGeneration"], "d_ff": 1024, "d_kv": 64, "d_model": 512, "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1, "feed_forward_proj": "gated-gelu",
          "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5", "num_decoder_layers": 8, "num_heads": 6, "num_layers": 8, "output_past": true, "pad_token_id": 0,
          "relative_attention_num_buckets": 32, "tie_word_embeddings": false, "vocab_size": 32128 }
        """;

    private const string EfficientTiny = """
        { "architectures": ["T5ForConditionalGeneration"], "d_ff": 1024, "d_kv": 64, "d_model": 256, "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1, "feed_forward_proj": "relu",
          "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5", "n_positions": 512, "num_decoder_layers": 4, "num_heads": 4, "num_layers": 4, "pad_token_id": 0,
          "relative_attention_num_buckets": 32, "torch_dtype": "float32", "transformers_version": "4.17.0.dev0", "use_cache": true, "vocab_size": 32128 }
        """;

    private const string Ul2 = """
        { "architectures": ["T5ForConditionalGeneration"], "d_ff": 16384, "d_kv": 256, "d_model": 4096, "decoder_start_token_id": 0, "dropout_rate": 0.0, "eos_token_id": 1, "feed_forward_proj": "gated-silu",
          "dense_act_fn": "silu", "is_gated_act": true, "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5", "n_positions": 512, "num_decoder_layers": 32,
          "num_heads": 16, "num_layers": 32, "output_past": true, "pad_token_id": 0, "relative_attention_max_distance": 128, "relative_attention_num_buckets": 32, "tie_word_embeddings": false,
          "torch_dtype": "bfloat16", "transformers_version": "4.20.0.dev0", "use_cache": true, "vocab_size": 32128 }
        """;

    [Theory]
    [InlineData(Small, 60_506_624, "t5-1.0")]
    [InlineData(Small11, 76_961_152, "t5-1.1")]
    [InlineData(EfficientTiny, 15_570_688, "t5-1.0")]
    [InlineData(Ul2, 19_591_209_984, "{ kind: t5-1.1, feed-forward: { kind: gated, activation: silu } }")]
    public void The_released_families_are_what_they_are(string config, long parameters, string architecture)
    {
        var model = Describe(config);
        Assert.Equal(parameters, model.Weights().Sum(weight => weight.Count));
        Assert.Equal(Canonical.Json(Reader.Read<Architecture>(architecture, "test") with { Dropout = model.Architecture.Dropout }), Canonical.Json(model.Architecture));
    }

    [Theory, InlineData("true", null, true, true), InlineData("false", null, false, false), InlineData(null, null, true, true), InlineData("true", "false", true, false), InlineData("false", "true", false, true)]
    public void Tying_says_whether_outputs_are_scaled_unless_the_config_says_it_by_itself(string? tie, string? scale, bool tied, bool rescaled)
    {
        var config = JsonNode.Parse(Small)!;
        (config["tie_word_embeddings"], config["scale_decoder_outputs"]) = (tie is null ? null : JsonNode.Parse(tie), scale is null ? null : JsonNode.Parse(scale));
        var architecture = Describe(config.ToJsonString()).Architecture;
        Assert.Equal((tied, rescaled), (architecture.Tied, architecture.Rescaled));
    }

    [Theory, InlineData("relu"), InlineData("gelu_new"), InlineData("silu"), InlineData("gated-relu"), InlineData("gated-gelu"), InlineData("gated-silu")]
    public void Every_projection_that_is_read_is_written_as_it_was(string projection)
    {
        var config = JsonNode.Parse(Small)!;
        config["feed_forward_proj"] = projection;
        var fields = new T5Layout().Fields(Describe(config.ToJsonString()))!;
        Assert.Equal(projection, (string)fields["feed_forward_proj"]!);
        Assert.Equal(Canonical.Json(Describe(config.ToJsonString())), Canonical.Json(Describe(fields.ToJsonString())));
    }

    [Fact]
    public void An_activation_that_is_named_by_itself_outweighs_the_projection()
    {
        var config = JsonNode.Parse(Small)!;
        (config["feed_forward_proj"], config["dense_act_fn"], config["is_gated_act"]) = ("relu", "gelu_new", true);
        Assert.Equal(new GatedFeedForward(), Describe(config.ToJsonString()).Architecture.FeedForward);
    }

    private static ModelDescription Describe(string config)
    {
        var read = HuggingFaceConfig.Of(JsonNode.Parse(config)!.AsObject(), "config.json");
        var model = HuggingFaceLayout.Of(read).Describe(read);
        read.ThrowIfAny();
        return model;
    }
}
