using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Store;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public class GrowthTests
{
    private static readonly Shape Small = new(16, 32, 4, 2, 2, 2, 64);

    public static TheoryData<string, int, int, int, int, int, int> Larger => [.. from architecture in (string[])["encoder-decoder", "{ kind: encoder-decoder, feed-forward: gated, tied: false }", "{ kind: encoder-decoder, tied: false, rescaled: false }", "{ kind: encoder-decoder, rescaled: false, feed-forward: { kind: dense, activation: gelu } }", "decoder-only", "encoder-only",
                                                                                  "{ kind: encoder-decoder, attention: { kind: multi-head, scaled: true, biased: true }, feed-forward: { kind: gated, biased: true } }", "{ kind: decoder-only, positions: none, tied: false }"]
                                                                              from sizes in (int[][])[[16, 32, 4, 2, 3, 5], [32, 32, 4, 2, 2, 2], [24, 32, 4, 2, 2, 2], [16, 40, 4, 2, 2, 2], [16, 32, 6, 2, 2, 2], [16, 32, 4, 3, 2, 2], [40, 96, 8, 5, 4, 3]]
                                                                              select (architecture, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5])];

    [Theory, MemberData(nameof(Larger))]
    public void A_model_grown_by_function_preserving_computes_the_same(string architecture, int width, int hidden, int headWidth, int heads, int encoder, int decoder)
    {
        var shape = new Shape(width, hidden, headWidth, heads, encoder, decoder, 64);
        using var small = Grown.Model(architecture, Small, 1);
        using var large = Grown.Model(architecture, shape, 2);
        Grown.Stir(small);
        Assert.Empty(new FunctionPreserving().Problems(small.Architecture, Small, shape));
        new FunctionPreserving().Grow(Grown.Site(small, large));

        foreach (var plain in (bool[])[false, true])
        {
            (small.Plain, large.Plain) = (plain, plain);
            Assert.InRange(Grown.Distance(small, large), 0, 1e-5);
        }
    }

    [Theory, MemberData(nameof(Larger))]
    public void In_double_precision_it_computes_the_same_to_ten_places(string architecture, int width, int hidden, int headWidth, int heads, int encoder, int decoder)
    {
        var shape = new Shape(width, hidden, headWidth, heads, encoder, decoder, 64);
        using var small = Grown.Exact(Grown.Model(architecture, Small, 1));
        using var large = Grown.Exact(Grown.Model(architecture, shape, 2));
        Grown.Stir(small);
        new FunctionPreserving().Grow(Grown.Site(small, large));
        Assert.InRange(Grown.Distance(small, large), 0, 1e-10);
    }

    [Fact]
    public void Depth_alone_leaves_every_bit_as_it_is()
    {
        using var small = Grown.Model("encoder-decoder", Small, 1);
        using var large = Grown.Model("encoder-decoder", Small with { EncoderLayers = 5, DecoderLayers = 3 }, 2);
        Grown.Stir(small);
        new FunctionPreserving().Grow(Grown.Site(small, large));
        using var scope = NewDisposeScope();
        Assert.Equal(Grown.Logits(small).data<float>().ToArray(), Grown.Logits(large).data<float>().ToArray());
    }

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("{ kind: encoder-decoder, feed-forward: gated, tied: false }")]
    [InlineData("decoder-only")]
    public void Grown_saved_and_loaded_it_writes_what_the_smaller_one_writes(string architecture)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var small = Grown.Model(architecture, Small, 1);
        using var large = Grown.Model(architecture, new(40, 96, 8, 5, 4, 3, 64), 2);
        Grown.Stir(small);
        new FunctionPreserving().Grow(Grown.Site(small, large));
        Checkpoint.Save(large, Path.Combine(folder.Path, "large"));
        using var loaded = Checkpoint.Load(Path.Combine(folder.Path, "large"));
        var inputs = randint(2, 64, [5, 8], int64);
        var written = new GreedyDecoding().Write(small, inputs, null, longest: 20);
        Assert.Equal(written.Select(answer => answer.Tokens), new GreedyDecoding().Write(loaded, inputs, null, longest: 20).Select(answer => answer.Tokens));
        Assert.True(written.Select(answer => string.Join(' ', answer.Tokens)).Distinct().Count() > 1, "the texts differ in what is written of them");
    }

    [Theory]
    [InlineData("{ kind: adamw, weight-decay: 0 }")]
    [InlineData("adafactor")]
    public void Every_new_part_learns_from_the_first_steps_and_no_two_alike(string optimizer)
    {
        var shape = new Shape(24, 48, 6, 3, 3, 3, 64);
        using var small = Grown.Model("encoder-decoder", Small, 1);
        using var large = Grown.Model("encoder-decoder", shape, 2);
        new FunctionPreserving().Grow(Grown.Site(small, large));
        var before = large.named_parameters().ToDictionary(one => one.name, one => one.parameter.detach().clone());
        using var trainer = Tiny.Trainer(large, new TrainingOptions(Reader.Read<Optimizer>(optimizer, "test"), 0.01, new Constant()), steps: 3);
        Assert.Equal(3, trainer.Rest().Count());

        Assert.All(large.named_parameters().Where(one => one.parameter.dim() == 2 && !one.name.Contains("positions", StringComparison.Ordinal)), one =>
        {
            var moved = (one.parameter - before[one.name]).ne(0).to_type(ScalarType.Float32);
            if (one.name != "embedding.weight") Assert.True(moved.mean().ToDouble() > 0.5, $"{one.name} {moved.mean().ToDouble()}"); // a ReLU may be dead
        });
        var output = large.get_parameter("encoder.layers.0.sublayers.1.mixer.output.weight")!;
        Assert.True((output.select(1, 40) - output.select(1, 41)).abs().max().ToDouble() > 0);
    }

    [Theory]
    [InlineData("stacking", new[] { 0, 1, 0, 1, 0 })]
    [InlineData("interpolation", new[] { 0, 0, 0, 1, 1 })]
    public void Layers_are_copied_in_the_order_of_the_operator(string kind, int[] sources)
    {
        using var small = Grown.Model("encoder-decoder", Small, 1);
        using var large = Grown.Model("encoder-decoder", Small with { EncoderLayers = 5 }, 2);
        Grown.Stir(small);
        Reader.Read<Growth>(kind, "test").Grow(Grown.Site(small, large));
        var (from, to) = (small.state_dict(), large.state_dict());
        for (var layer = 0; layer < sources.Length; layer++)
            foreach (var (name, weight) in to.Where(one => one.Key.StartsWith($"encoder.layers.{layer}.", StringComparison.Ordinal)))
                Assert.Equal(from[name.Replace($"encoder.layers.{layer}.", $"encoder.layers.{sources[layer]}.", StringComparison.Ordinal)].data<float>().ToArray(), weight.data<float>().ToArray());
        Assert.All(to.Where(one => !one.Key.StartsWith("encoder.layers", StringComparison.Ordinal)), one => Assert.Equal(from[one.Key].data<float>().ToArray(), one.Value.data<float>().ToArray()));
    }

    [Fact]
    public void What_follows_a_growth_is_the_training_of_a_model_that_begins_with_these_weights()
    {
        using var small = Grown.Model("encoder-decoder", Small, 1);
        using var grown = Grown.Model("encoder-decoder", Small with { EncoderLayers = 4 }, 2);
        using var other = Grown.Model("encoder-decoder", Small with { EncoderLayers = 4 }, 3);
        new Stacking().Grow(Grown.Site(small, grown));
        foreach (var (name, weight) in other.state_dict())
            using (no_grad()) weight.copy_(grown.state_dict()[name]);
        var options = new TrainingOptions(new Adafactor(), 0.01, new WarmupStableDecay(2));
        using (var trainer = Tiny.Trainer(grown, options)) Assert.Equal(8, trainer.Rest().Count());
        using (var trainer = Tiny.Trainer(other, options)) Assert.Equal(8, trainer.Rest().Count());
        Assert.Equal(Tiny.Values(other), Tiny.Values(grown));
    }

    [Theory]
    [InlineData("stacking", "encoder-decoder", 24, 2, "copies layers as they are")]
    [InlineData("interpolation", "encoder-decoder", 16, 1, "layers and")]
    [InlineData("function-preserving", "encoder-decoder", 8, 2, "smaller model-width")]
    [InlineData("function-preserving", "{ kind: encoder-decoder, norm: layer }", 24, 2, "has others")]
    public void What_cannot_grow_is_told_before_anything_is_spent(string kind, string architecture, int width, int layers, string words)
    {
        var problems = Reader.Read<Growth>(kind, "test").Problems(Reader.Read<Architecture>(architecture, "test"), Small, Small with { ModelWidth = width, EncoderLayers = layers });
        Assert.Contains(problems, problem => problem.What.Contains(words, StringComparison.Ordinal));
    }

}
