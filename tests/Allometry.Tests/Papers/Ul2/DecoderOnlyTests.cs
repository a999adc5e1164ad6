using Allometry.Kinds;
using Allometry.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Ul2;

/// <summary>UL2's decoder-only form (ul2.md 1.6): start, inputs and targets in one row, the inputs seen from everywhere, nothing between the two.</summary>
public sealed class DecoderOnlyTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, DecoderLayers: 2, Vocabulary: 40);
    private static readonly DecoderOnly Ul2 = (DecoderOnly)Reader.Read<Architecture>("ul2-decoder-only", "recipe.yaml");

    [Fact]
    public void The_end_of_the_inputs_does_not_stand_between_them_and_the_targets()
    {
        using var scope = NewDisposeScope();
        using var model = Model(Ul2);
        using var ended = Model(Ul2 with { EndOfInputs = true });
        var (inputs, targets) = (tensor(new long[,] { { 7, 8, 1, 0, 0 }, { 9, 1, 12, 13, 1 } }), tensor(new long[,] { { 20, 21, 1 }, { 22, 23, 1 } })); // an end token within a text stays
        AssertClose(ended.Logits(tensor(new long[,] { { 7, 8 } }), null, targets[0..1])[0], model.Logits(inputs, null, targets)[0]);
        AssertClose(ended.Logits(tensor(new long[,] { { 9, 1, 12, 13 } }), null, targets[1..2])[0], model.Logits(inputs, null, targets)[1]);
    }

    [Fact]
    public void It_is_one_stack_over_start_inputs_and_targets_with_the_mask_of_the_definition()
    {
        using var scope = NewDisposeScope();
        using var model = Model(Ul2);
        using var encoder = new EncoderOnly { Positions = Ul2.Positions, FeedForward = Ul2.FeedForward, Tied = false, Rescaled = false }.Build(Small with { EncoderLayers = 2, DecoderLayers = 0 });
        Copy(model, encoder);
        // With one target all of start and inputs is seen from everywhere (P = length): the stack is an encoder.
        var all = encoder.Logits(tensor(new long[,] { { 0, 7, 8, 9 } }), tensor(new bool[,] { { true, true, true, true } }), zeros([1, 4], int64));
        AssertClose(all[0, 3], model.Logits(tensor(new long[,] { { 7, 8, 9, 1 } }), null, tensor(new long[,] { { 20 } }))[0, 0]);
    }

    [Fact]
    public void Without_inputs_it_is_causal()
    {
        using var scope = NewDisposeScope();
        using var prefix = Model(Ul2);
        using var causal = Model(Ul2 with { Prefix = false });
        var (inputs, targets) = (tensor(new long[,] { { 1 } }), tensor(new long[,] { { 20, 21, 22, 1 } }));
        AssertClose(causal.Logits(inputs, null, targets), prefix.Logits(inputs, null, targets));
        AssertDiffers(causal.Logits(tensor(new long[,] { { 7, 8, 1 } }), null, targets)[0, 0], prefix.Logits(tensor(new long[,] { { 7, 8, 1 } }), null, targets)[0, 0]);
    }

    [Fact]
    public void A_target_moves_only_what_follows_it_and_an_input_moves_everything()
    {
        using var scope = NewDisposeScope();
        using var model = Model(Ul2);
        var (inputs, targets) = (tensor(new long[,] { { 7, 8, 9, 1 } }), tensor(new long[,] { { 20, 21, 22, 23, 1 } }));
        var before = model.Logits(inputs, null, targets)[0];
        for (var j = 0; j < 4; j++)
        {
            var changed = targets.clone();
            changed[0, j] = 30;
            var after = model.Logits(inputs, null, changed)[0];
            AssertClose(before[..(j + 1)], after[..(j + 1)]);
            for (var i = j + 1; i < 5; i++) AssertDiffers(before[i], after[i]);
        }

        for (var i = 0; i < 3; i++)
        {
            var changed = inputs.clone();
            changed[0, i] = 30;
            var after = model.Logits(changed, null, targets)[0];
            for (var j = 0; j < 5; j++) AssertDiffers(before[j], after[j]);
        }
    }

    [Fact]
    public void Buckets_may_be_causal_as_in_T5X_and_then_all_later_inputs_share_one()
    {
        var causal = (DecoderOnly)Reader.Read<Architecture>("{ kind: ul2-decoder-only, positions: { kind: relative, bidirectional: false } }", "recipe.yaml");
        Assert.Equal((false, true), (((RelativePositions)causal.Positions).Bidirectional, ((RelativePositions)Ul2.Positions).Bidirectional));
        using var model = Model(causal);
        var table = model.named_parameters().Single(pair => pair.name == "decoder.positions.weight").parameter;
        using var scope = NewDisposeScope();
        var bias = causal.Positions.Build(new Place(causal, Small, Causal: true)).Bias(0, 1, 5)!; // of the first query against itself and four later keys
        Assert.Equal(1, bias[0, 0, 0].unique().output.numel());
        Assert.Equal([32, 3], table.shape);
    }

    private static LanguageModel Model(Architecture architecture)
    {
        manual_seed(3);
        var model = architecture.Build(Small);
        using var still = no_grad();
        foreach (var parameter in model.parameters()) parameter.normal_(0, 0.3);
        model.to(float64);
        return model;
    }

    private static void Copy(LanguageModel from, LanguageModel to)
    {
        using var still = no_grad();
        to.to(float64);
        var values = from.named_parameters().ToDictionary(pair => pair.name.Replace("decoder.", "encoder.", StringComparison.Ordinal), pair => pair.parameter);
        foreach (var (name, parameter) in to.named_parameters()) parameter.copy_(values[name]);
    }

    private static void AssertClose(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().item<double>(), 0, 1e-12);

    private static void AssertDiffers(Tensor one, Tensor other) => Assert.True((one - other).abs().max().item<double>() > 1e-9);
}
