using System.Text.Json.Nodes;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Tests.Interchange;
using Allometry.Training;

namespace Allometry.Tests.Papers.Switch;

/// <summary>What the config.json of a Switch model means, and what ours becomes there.</summary>
public class SwitchLayoutTests
{
    [Theory]
    [InlineData(4, 2, null, "1 3")]
    [InlineData(12, 3, null, "1 5 9")]
    [InlineData(3, 3, null, "0 1 2")]
    [InlineData(4, 0, null, "")]
    [InlineData(5, 2, null, "1 3")]
    [InlineData(4, 2, 4, "1")]           // a step that is given outweighs the count
    [InlineData(1, 1, 2, "")]
    public void Sparse_layers_begin_with_the_second_and_come_every_step(int layers, int count, int? step, string sparse)
    {
        var config = new JsonObject { ["model_type"] = "switch_transformers", ["num_layers"] = layers, ["num_decoder_layers"] = layers, ["num_sparse_encoder_layers"] = count, ["num_sparse_decoder_layers"] = count };
        (config["encoder_sparse_step"], config["decoder_sparse_step"]) = (step, step);
        Assert.Equal([sparse, sparse], SparseLayers(Describe(config)));
    }

    [Fact]
    public void Stacks_may_differ()
    {
        var config = new JsonObject { ["model_type"] = "switch_transformers", ["num_layers"] = 4, ["num_decoder_layers"] = 6, ["num_sparse_encoder_layers"] = 2, ["num_sparse_decoder_layers"] = 2, ["expert_capacity"] = 5, ["num_experts"] = 3 };
        var model = Describe(config);
        Assert.Equal(["1 3", "1 4"], SparseLayers(model));
        Assert.Equal(Canonical.Json(model), Canonical.Json(Describe(new SwitchLayout().Fields(model)!)));
    }

    [Theory]
    [InlineData("{ kind: switch, experts: 3, capacity: slots }")]
    [InlineData("{ kind: in-turn, of: [dense, { kind: switch, jitter: 0, capacity: { kind: slots, each: 7 } }] }")]
    [InlineData("{ kind: in-turn, of: [{ kind: dense, activation: silu }, { kind: switch, z-weight: 0.5, capacity: slots, expert: { kind: dense, activation: silu } }, { kind: dense, activation: silu }] }")]
    public void Ours_with_fixed_capacity_is_written_down_and_read_as_the_same(string feedForward) =>
        Assert.IsType<SwitchLayout>(HuggingFaceLayout.For(Model(feedForward)));

    [Theory, InlineData("switch"), InlineData("{ kind: in-turn, of: [switch, dense] }"), InlineData("{ kind: in-turn, of: [dense, { kind: switch, tries: 2, capacity: slots }] }")]
    public void What_hugging_face_does_not_compute_is_no_switch_of_theirs(string feedForward) =>
        Assert.Null(HuggingFaceLayout.For(Model(feedForward)));

    [Fact]
    public void Why_it_is_none_is_told()
    {
        using var folder = new TheirFolder();
        using var model = new EncoderDecoder { FeedForward = new SwitchFeedForward(Group: 16) }.Build(folder.Model.Shape);
        Checkpoint.Save(model, folder.At("ours"));
        var told = Assert.Throws<InputException>(() => folder.Convert("ours", "theirs-now")).Problems.Select(problem => problem.What).ToList();
        Assert.Contains("for switch-transformers, the capacity of its experts is a factor of the tokens, not a number of slots", told);
        Assert.Contains("for switch-transformers, rows share the slots of experts", told);
        Assert.Empty(new SwitchLayout().Hindrances(folder.Model));
    }

    [Theory]
    [InlineData("feed_forward_proj", "\"gated-gelu\"")]
    [InlineData("is_gated_act", "true")]
    [InlineData("num_sparse_encoder_layers", "13")]
    [InlineData("num_sparse_decoder_layers", "-1")]
    [InlineData("encoder_sparse_step", "1.5")]
    [InlineData("router_bias", "true")]
    [InlineData("router_dtype", "\"bfloat16\"")]
    [InlineData("num_experts", "0")]
    [InlineData("expert_capacity", "0")]
    public void A_field_that_cannot_be_is_named(string field, string value)
    {
        var config = new JsonObject { ["model_type"] = "switch_transformers", [field] = JsonNode.Parse(value) };
        Assert.Contains($"'{field}'", Assert.Throws<InputException>(() => Describe(config)).Message, StringComparison.Ordinal);
    }

    private static ModelDescription Model(string feedForward) =>
        new(new EncoderDecoder { FeedForward = Reader.Read<FeedForward>(feedForward, "test"), Initialisation = new SwitchInitialisation() }, new Shape(12, 20, 4, 2, 3, 3, 40));

    private static IEnumerable<string> SparseLayers(ModelDescription model) => ((string[])["encoder", "decoder"]).Select(stack => string.Join(' ',
        model.Weights().Where(weight => weight.Name.StartsWith(stack, StringComparison.Ordinal) && weight.Name.EndsWith(".router.weight", StringComparison.Ordinal)).Select(weight => weight.Name.Split('.')[2])));

    private static ModelDescription Describe(JsonObject fields)
    {
        var config = HuggingFaceConfig.Of(fields, "config.json");
        var model = HuggingFaceLayout.Of(config).Describe(config);
        config.ThrowIfAny();
        return model;
    }
}
