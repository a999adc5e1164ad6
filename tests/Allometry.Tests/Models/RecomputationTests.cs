using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Tests.Kernels;
using Allometry.Tests.Training;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

/// <summary>Layers that are computed once more in the backward pass.</summary>
public class RecomputationTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 3, DecoderLayers: 2, Vocabulary: 40);

    public static TheoryData<string, bool> Cases => Both(Trees.Names);

    /// <summary>Those whose products are as many whatever the values.</summary>
    public static TheoryData<string, bool> Counted => Both(Trees.WithoutChoice);

    private static TheoryData<string, bool> Both(TheoryData<string> names) => [.. from name in names.Select(row => row.Data) from plain in (bool[])[false, true] select (name, plain)];

    [Theory, MemberData(nameof(Cases))]
    public void Loss_and_gradients_are_the_same_to_the_last_bit(string name, bool plain)
    {
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised((Trees.Named(name) with { Dropout = 0.2 }).Build(Small), seed: 4);
        model.Plain = plain;
        byte[] Run(bool recompute)
        {
            foreach (var parameter in model.parameters()) parameter.grad = null;
            model.Recompute = recompute;
            var loss = Loss(model);
            using (Gradients.InPlace()) loss.backward();
            return [.. loss.bytes, .. model.parameters().SelectMany(parameter => parameter.grad?.bytes.ToArray() ?? []), .. rand(3).bytes];
        }
        Assert.Equal(Run(false), Run(true));
    }

    [Theory, MemberData(nameof(Counted))]
    public void The_forward_products_of_the_layers_are_executed_and_counted_once_more(string name, bool plain)
    {
        using var scope = NewDisposeScope();
        using var model = Trees.Named(name).Build(Small);
        (model.Plain, model.Recompute) = (plain, true);
        var sheet = Trees.Named(name).Count(Small, new Setting(3, 9, 9) { Recompute = true });
        using var record = Products.Record();
        var loss = Loss(model, padded: false); // padding goes to no expert
        Assert.Equal(sheet.ForwardFlops, record.Flops);
        loss.backward();
        Assert.Equal(sheet.ForwardFlops + sheet.RecomputedFlops, record.Flops);
        Assert.Equal((3 * sheet.ForwardFlops) + sheet.RecomputedFlops, sheet.TrainingFlops);
        Assert.InRange(sheet.RecomputedFlops, 1, sheet.ForwardFlops);
    }

    [Fact]
    public void With_the_embedding_frozen_the_rest_gets_its_gradients()
    {
        using var scope = NewDisposeScope();
        using var model = Twins.Randomised(new EncoderDecoder().Build(Small), seed: 4);
        foreach (var (name, parameter) in model.named_parameters()) parameter.requires_grad = !name.Contains("embedding", StringComparison.Ordinal);
        var weights = model.parameters().Where(parameter => parameter.requires_grad).ToList();
        Loss(model).backward();
        var expected = weights.ConvertAll(weight => weight.grad!.clone());
        foreach (var weight in weights) weight.grad = null;
        model.Recompute = true;
        Loss(model).backward();
        Assert.All(weights.Zip(expected), pair => Assert.Equal(pair.Second.bytes, pair.First.grad!.bytes));
    }

    [Fact]
    public void Nothing_is_left_behind_after_a_step()
    {
        using var model = new EncoderDecoder { Dropout = 0.1 }.Build(Small);
        model.Recompute = true;
        void Step()
        {
            using var scope = NewDisposeScope();
            Loss(model).backward();
            foreach (var parameter in model.parameters()) parameter.grad = null;
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_training_in_parts_with_clipping_goes_as_without()
    {
        var options = new TrainingOptions(new Adafactor(FactoredFrom: 8), 0.01, new Constant(), Accumulate: 2, Clip: 1);
        double[] Losses(bool recompute)
        {
            manual_seed(3);
            using var model = new EncoderDecoder { Dropout = 0.1 }.Build(Small with { Vocabulary = 71 });
            model.Recompute = recompute;
            using var trainer = Tiny.Trainer(model, options, steps: 6);
            return [.. trainer.Rest().Select(step => step.Loss)];
        }
        Assert.Equal(Losses(false), Losses(true));
    }

    [Fact]
    public void Kept_memory_grows_by_a_layers_input_with_each_layer()
    {
        double Kept(int layers) => new EncoderDecoder().Count(Small with { EncoderLayers = layers }, new Setting(3, 9, 5) { Recompute = true }).ActivationBytes;
        Assert.Equal(10 * sizeof(float) * 3 * 9 * Small.ModelWidth, Kept(14) - Kept(4), 1e-6);
    }

    private static Tensor Loss(LanguageModel model, bool padded = true)
    {
        manual_seed(9);
        var (inputs, targets) = (randint(2, Small.Vocabulary, [3, 9], int64), randint(2, Small.Vocabulary, [3, 9], int64));
        if (padded) inputs[0, 6..] = 0;
        return model.Loss(inputs, null, targets, new(0.1, 1e-3)).Sum;
    }
}
