using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Whole models with kernels beside the same without.</summary>
public class ModelTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 40);

    private static readonly LossOptions Everything = new(LabelSmoothing: 0.1, ZWeight: 1e-3);

    [Theory, MemberData(nameof(Trees.WithoutChoice), MemberType = typeof(Trees))]
    public void Loss_and_every_gradient_are_those_of_library_operations(string name) => Agrees(Trees.Named(name));

    [Theory, MemberData(nameof(Trees.WithoutChoice), MemberType = typeof(Trees))]
    public void With_dropout_too(string name) => Agrees(Trees.Named(name) with { Dropout = 0.2 });

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Tied_or_not_rescaled_or_not(bool tied, bool rescaled) => Agrees(new EncoderDecoder { Tied = tied, Rescaled = rescaled });

    [Theory]
    [InlineData("embedding")]
    [InlineData("encoder")]
    [InlineData("decoder")]
    [InlineData("positions")]
    [InlineData("norm")]
    public void With_a_part_frozen_the_rest_gets_its_gradients(string part) => Agrees(new EncoderDecoder(), frozen: part);

    [Fact]
    public void Gradients_of_two_batches_add_up() => Agrees(new EncoderDecoder { Dropout = 0.1 }, batches: 2);

    [Theory, MemberData(nameof(Trees.WithoutChoice), MemberType = typeof(Trees))]
    public void Counted_flops_are_those_of_the_loss_with_and_without_gradients(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Trees.Named(name).Build(Small);
        var (inputs, targets) = (Ids(3, 9), Ids(3, 9));
        var expected = Trees.Named(name).Count(Small, new(3, 9, 9)).ForwardFlops;
        foreach (var plain in (bool[])[false, true])
        {
            model.Plain = plain;
            using var record = Products.Record();
            model.Loss(inputs, null, targets, Everything);
            Assert.Equal(expected, record.Flops);
            using var still = new Still(model);
            model.Loss(inputs, null, targets, Everything);
            Assert.Equal(2 * expected, record.Flops);
        }
    }

    [Theory, MemberData(nameof(Trees.WithoutChoice), MemberType = typeof(Trees))]
    public void A_weight_that_is_no_number_is_seen_in_the_loss(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised(Trees.Named(name).Build(Small), seed: 4);
        var (inputs, targets) = (Ids(3, 20), Ids(3, 20)); // long enough for what stands for many tokens
        foreach (var (parameter, weight) in model.named_parameters().Where(parameter => !parameter.name.StartsWith("pooler", StringComparison.Ordinal))) // no part of the loss
        {
            using var still = no_grad();
            var kept = weight.clone();
            weight.flatten()[0] = float.NaN;
            Assert.True(float.IsNaN(model.Loss(inputs, null, targets, Everything).Sum.item<float>()), $"{parameter}, without gradients");
            using (enable_grad()) Assert.True(float.IsNaN(model.Loss(inputs, null, targets, Everything).Sum.item<float>()), parameter);
            weight.copy_(kept);
        }
        Assert.True(float.IsFinite(model.Loss(inputs, null, targets, Everything).Sum.item<float>()));
    }

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Where_values_overflow_the_loss_is_finite_only_if_that_of_library_operations_is(string name)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = (Ids(3, 9), Ids(3, 9));
        foreach (var size in (float[])[1e10f, 1e15f, 1e20f, 1e30f, 1e38f, float.PositiveInfinity])
        {
            using var model = Twins.Randomised(Trees.Named(name).Build(Small), seed: 4);
            using var still = new Still(model);
            foreach (var (_, weight) in model.named_parameters()) weight.mul_(size);
            var kernel = model.Loss(inputs, null, targets, Everything).Sum.item<float>();
            model.Plain = true;
            var plain = model.Loss(inputs, null, targets, Everything).Sum.item<float>();
            Assert.True(float.IsFinite(plain) == float.IsFinite(kernel), $"weights of {size:g1}: {kernel}, library operations {plain}");
        }
    }

    [Fact]
    public void A_mask_of_integers_is_one_of_booleans()
    {
        using var scope = NewDisposeScope();
        using var model = new EncoderDecoder().Build(Small);
        var (inputs, targets, mask) = (Ids(2, 9), Ids(2, 5), tensor(new long[,] { { 1, 1, 1, 1, 1, 1, 0, 0, 0 }, { 1, 1, 0, 0, 0, 0, 0, 0, 0 } }));
        Assert.Equal(model.Logits(inputs, mask.to(@bool), targets).bytes, model.Logits(inputs, mask, targets).bytes);
    }

    [Fact]
    public void What_kernels_would_read_from_the_wrong_place_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = new EncoderDecoder().Build(Small);
        Assert.Throws<InputException>(() => model.Logits(full([2, 3], -1, int64), null, Ids(2, 3)));
        Assert.Throws<InputException>(() => model.Logits(full([2, 3], 40, int64), null, Ids(2, 3)));
        Assert.Throws<InputException>(() => model.Logits(Ids(2, 3), ones([2, 4], @bool), Ids(2, 3)));
    }

    [Fact]
    public void Over_many_models_kernels_round_as_well_as_library_operations()
    {
        var errors = new List<(double Kernel, double Plain)>();
        for (var seed = 0; seed < 12; seed++)
        {
            using var model = Twins.Randomised(new EncoderDecoder { FeedForward = new GatedFeedForward() }.Build(Small), seed);
            errors.AddRange(Twins.Errors(model, way => Run(way, model, batches: 1)));
        }
        Assert.InRange(errors.Average(error => Math.Log(error.Kernel / error.Plain)), Math.Log(0.5), Math.Log(1.3));
    }

    private static void Agrees(Architecture architecture, int batches = 1, string? frozen = null)
    {
        using var model = Twins.Randomised(architecture.Build(Small), seed: 4);
        foreach (var (name, parameter) in model.named_parameters()) parameter.requires_grad = frozen is null || !name.Contains(frozen);
        Twins.AgreeAsAWhole(model, way => Run(way, model, batches));
    }

    private static Dictionary<string, Tensor?> Run(Way way, LanguageModel model, int batches)
    {
        model.Plain = way.Plain;
        var results = new Dictionary<string, Tensor?>();
        for (var i = 0; i < batches; i++)
        {
            manual_seed(i);
            var (inputs, targets) = (Ids(3, 9), Ids(3, 9));
            (inputs[0, 6..], inputs[1, 1..]) = (0, 0);
            (targets[1, 4..], targets[2, 0]) = (0, -100);
            var loss = model.Loss(inputs, null, targets, Everything);
            loss.Sum.backward();
            results.Add($"loss {i}", loss.Sum);
            results.Add($"cross-entropy {i}", loss.CrossEntropy);
        }
        return results;
    }

    private static Tensor Ids(int batch, int length) => randint(2, Small.Vocabulary, [batch, length], int64);
}
