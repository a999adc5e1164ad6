using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Ligo;
using Allometry.Tests.Training;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Ligo;

/// <summary>What the operator is compared with, by their definitions.</summary>
public class BaselinesTests
{
    private static readonly Shape Small = new(16, 32, 4, 2, 2, 2, 64);

    public static TheoryData<string, int, int, int, int, int> Larger => [.. from architecture in (string[])["encoder-decoder", "{ kind: encoder-decoder, feed-forward: gated, tied: false }", "{ kind: encoder-decoder, rescaled: false }", "{ kind: encoder-decoder, tied: false, rescaled: false }", "{ kind: decoder-only, feed-forward: gated }", "encoder-only"]
                                                                         from sizes in (int[][])[[32, 64, 4, 2, 2], [24, 32, 2, 2, 2], [16, 48, 2, 2, 2], [16, 32, 3, 2, 2], [40, 80, 5, 4, 3]]
                                                                         select (architecture, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4])];

    [Theory, MemberData(nameof(Larger))]
    public void Copies_that_are_read_for_a_share_compute_the_same(string architecture, int width, int hidden, int heads, int encoder, int decoder)
    {
        var shape = new Shape(width, hidden, 4, heads, encoder, decoder, 64);
        using var small = Grown.Model(architecture, Small, 1);
        using var large = Grown.Model(architecture, shape, 2);
        new Duplication().Grow(Grown.Site(small, large));
        Assert.InRange(Grown.Distance(small, large), 0, 1e-5);

        Grown.Stir(Grown.Exact(small));
        foreach (var growth in (Duplication[])[new(), new() { Uneven = 0 }])
        {
            growth.Grow(Grown.Site(small, Grown.Exact(large)));
            Assert.InRange(Grown.Distance(small, large), 0, 1e-10);
        }
    }

    [Fact]
    public void Without_scales_only_multiples_of_a_width_compute_the_same()
    {
        using var small = Grown.Exact(Grown.Model("encoder-decoder", Small, 1));
        Grown.Stir(small);
        double After(int width)
        {
            using var large = Grown.Exact(Grown.Model("encoder-decoder", Small with { ModelWidth = width }, 2));
            new Duplication { Scaled = false }.Grow(Grown.Site(small, large));
            return Grown.Distance(small, large);
        }

        Assert.InRange(After(48), 0, 1e-10);
        Assert.InRange(After(24), 0.01, 1e9);
    }

    [Fact]
    public void Copies_that_are_read_alike_stay_alike_for_ever_and_others_part()
    {
        double Gap(double uneven)
        {
            using var small = Grown.Model("encoder-decoder", Small, 1);
            using var large = Grown.Model("encoder-decoder", Small with { FeedForwardWidth = 64 }, 2);
            new Duplication { Uneven = uneven }.Grow(Grown.Site(small, large));
            using var trainer = Tiny.Trainer(large, new TrainingOptions(new AdamW(WeightDecay: 0), 0.01, new Constant()), steps: 10);
            Assert.Equal(10, trainer.Rest().Count());
            var input = large.get_parameter("encoder.layers.0.sublayers.1.mixer.input.weight")!;
            var source = Copies.Of(32, 64, uneven, 1, "encoder/0/1").Source;
            return Enumerable.Range(32, 32).Max(copy => (input.select(0, copy) - input.select(0, source[copy])).abs().max().ToDouble());
        }

        Assert.Equal(0, Gap(0));
        Assert.True(Gap(0.2) > 1e-4);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(5, 8)]
    [InlineData(5, 13)]
    public void Every_old_value_is_copied_as_often_as_the_others_or_once_more(int small, int large)
    {
        var copies = Copies.Of(small, large, 0.2, 3, "test");
        Assert.Equal(Enumerable.Range(0, small), copies.Source.Take(small).Select(i => (int)i));
        Assert.All(copies.Source.CountBy(i => i), count => Assert.InRange(count.Value, large / small, (large + small - 1) / small));
        var groups = copies.Source.Index().GroupBy(each => each.Item).ToList();
        Assert.All(groups, copy => Assert.Equal(1, copy.Sum(each => copies.Share[each.Index]), 12));
        Assert.All(groups, copy => Assert.All(copy, each => Assert.Equal(Math.Sqrt((double)large / (small * copy.Count())), copies.Scale[each.Index], 12)));
        Assert.Equal(copies.Source, Copies.Of(small, large, 0, 3, "test").Source);
    }

    [Theory]
    [InlineData("{ kind: encoder-decoder, feed-forward: gated }", "encoder")]
    [InlineData("{ kind: decoder-only, feed-forward: gated }", "decoder")]
    public void New_heads_and_units_come_from_the_layer_above_and_the_last_layer_copies_its_own(string architecture, string stack)
    {
        var shape = Small with { ModelWidth = 24, FeedForwardWidth = 48, Heads = 3 };
        using var small = Grown.Model(architecture, Small, 1);
        using var large = Grown.Model(architecture, shape, 2);
        using var copied = Grown.Model(architecture, shape, 2);
        Grown.Stir(small);
        new AdvancedKnowledge().Grow(Grown.Site(small, large));
        new Duplication { Uneven = 0 }.Grow(Grown.Site(small, copied));
        Tensor Of(LanguageModel model, int layer, string rest) => model.state_dict()[$"{stack}.layers.{layer}.sublayers.{rest}.weight"];

        foreach (var (rest, dimension, old) in (((string, int, int)[])[("0.mixer.query", 0, 8), ("0.mixer.value", 0, 8), ("0.mixer.output", 1, 8), ("1.mixer.gate", 0, 32), ("1.mixer.input", 0, 32), ("1.mixer.output", 1, 32)]))
        {
            var size = Of(large, 0, rest).size(dimension) - old;
            Same(Of(copied, 0, rest).narrow(dimension, 0, old), Of(large, 0, rest).narrow(dimension, 0, old));
            Same(Of(copied, 1, rest), Of(large, 1, rest));
            Assert.NotEqual(Of(copied, 0, rest).narrow(dimension, old, size).sum().ToSingle(), Of(large, 0, rest).narrow(dimension, old, size).sum().ToSingle());
        }
        // Which unit of the layer above a new one is, and for what share it is read, is what duplication says of this layer.
        var copies = Copies.Of(32, 48, 0, 1, $"{stack}/0/1");
        var stream = Copies.Of(16, 24, 0, 1, "stream");
        var (from, to) = (Of(small, 1, "1.mixer.output"), Of(large, 0, "1.mixer.output"));
        for (var channel = 0; channel < 24; channel += 5)
            Assert.Equal(from[stream.Source[channel], copies.Source[40]].ToDouble() * stream.Scale[channel] * copies.Share[40], to[channel, 40].ToDouble(), 6);
    }

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("decoder-only")]
    public void A_direct_copy_stands_in_the_corner_and_chance_has_the_rest(string architecture)
    {
        var shape = Small with { ModelWidth = 24, HeadWidth = 5, DecoderLayers = 3 };
        using var small = Grown.Model(architecture, Small, 1);
        using var large = Grown.Model(architecture, shape, 2);
        using var fresh = Grown.Model(architecture, shape, 2);
        Grown.Stir(small);
        new DirectCopy { Depth = new Stacking() }.Grow(Grown.Site(small, large));
        var (from, to, chance) = (small.state_dict(), large.state_dict(), fresh.state_dict());
        const string Query = "decoder.layers.2.sublayers.0.mixer.query.weight";
        var (heads, old) = (to[Query].view(2, 5, 24), from["decoder.layers.0.sublayers.0.mixer.query.weight"].view(2, 4, 16));
        Same(old, heads.narrow(1, 0, 4).narrow(2, 0, 16));
        Same(chance[Query].view(2, 5, 24).narrow(1, 4, 1), heads.narrow(1, 4, 1));
        Same(chance[Query].narrow(1, 16, 8), to[Query].narrow(1, 16, 8));
        Same(from["embedding.weight"], to["embedding.weight"].narrow(1, 0, 16));
        Same(from["decoder.positions.weight"], to["decoder.positions.weight"]);
    }

    [Theory]
    [InlineData("encoder-decoder", 2, 4, new[] { 0, 1, 0, 1 })]
    [InlineData("encoder-decoder", 3, 4, new[] { 0, 1, 2, 2 })]
    [InlineData("encoder-decoder", 2, 5, new[] { 0, 1, 0, 1, 0 })]
    [InlineData("{ kind: decoder-only, tied: false }", 2, 3, new[] { 0, 1, 1 })]
    public void The_top_layers_are_copied_on_top_and_trained_alone_at_first(string architecture, int from, int to, int[] sources)
    {
        using var small = Grown.Model(architecture, Small with { DecoderLayers = from }, 1);
        using var large = Grown.Model(architecture, Small with { DecoderLayers = to }, 2);
        Grown.Stir(small);
        var growth = new TopLayers(Steps: 5);
        growth.Grow(Grown.Site(small, large) with { Options = new(new AdamW(), 0.01, new Constant()) });
        var (before, after) = (Grown.Weights(small), Grown.Weights(large));
        foreach (var (name, weight) in after)
        {
            var layer = LayerName.Of(name);
            var isTrained = name is "decoder.norm.weight" or "head.weight" || layer is { Stack: "decoder" } && layer.Layer >= from;
            var source = layer is { Stack: "decoder" } ? (layer with { Layer = sources[layer.Layer] }).ToString() : name;
            Assert.Equal(!isTrained, weight.SequenceEqual(before[source]));
        }
        Assert.All(large.parameters(), weight => Assert.True(weight.requires_grad));
    }

    [Theory]
    [InlineData("duplication", "encoder-decoder", "{ model-width: 8 }", "smaller model-width")]
    [InlineData("duplication", "encoder-decoder", "{ head-width: 8 }", "heads are copied whole")]
    [InlineData("aki", "encoder-decoder", "{ head-width: 8 }", "heads are copied whole")]
    [InlineData("direct-copy", "encoder-decoder", "{ vocabulary: 96 }", "different vocabularies")]
    [InlineData("direct-copy", "{ kind: encoder-decoder, norm: layer }", "{ heads: 4 }", "has others")]
    [InlineData("direct-copy", "{ kind: encoder-decoder, feed-forward: { kind: in-turn, of: [dense, gated] } }", "{ heads: 4 }", "has others")]
    [InlineData("{ kind: duplication, depth: stacking }", "{ kind: decoder-only, decoder: { pattern: [[self-attention, feed-forward], [feed-forward]] } }", "{ decoder-layers: 4 }", "of several kinds")]
    [InlineData("stacking", "encoder-decoder", "{ vocabulary: 96 }", "different vocabularies")]
    [InlineData("interpolation", "{ kind: decoder-only, decoder: { pattern: [[self-attention, feed-forward], [{ kind: self-attention, attention: { kind: multi-head, scaled: true } }, feed-forward]] } }", "{ decoder-layers: 4 }", "layer 2 of the decoder would be a copy of layer 1, which is of another kind")]
    [InlineData("{ kind: aki, depth: { kind: top-layers } }", "encoder-decoder", "{ decoder-layers: 4 }", "within another growth nothing would")]
    [InlineData("{ kind: ligo, depth: { kind: top-layers } }", "encoder-decoder", "{ decoder-layers: 4 }", "within another growth nothing would")]
    [InlineData("top-layers", "encoder-decoder", "{ model-width: 24 }", "copies layers as they are")]
    [InlineData("top-layers", "encoder-decoder", "{ encoder-layers: 1 }", "order the shapes by depth")]
    [InlineData("ligo", "encoder-decoder", "{ feed-forward-width: 24 }", "smaller feed-forward-width")]
    [InlineData("ligo", "encoder-decoder", "{ vocabulary: 96 }", "different vocabularies")]
    [InlineData("ligo", "{ kind: decoder-only, decoder: { pattern: [[self-attention, feed-forward], [feed-forward]] } }", "{ decoder-layers: 4 }", "of several kinds")]
    public void What_cannot_grow_is_told_before_anything_is_spent(string growth, string architecture, string sizes, string words)
    {
        var shape = Reader.Read<Shape>($"{{ model-width: 16, feed-forward-width: 32, head-width: 4, heads: 2, encoder-layers: 2, decoder-layers: 2, vocabulary: 64, name: large }}", "test");
        var large = Reader.Read<Shape>(Merged(sizes), "test");
        var problems = Reader.Read<Growth>(growth, "test").Problems(Reader.Read<Architecture>(architecture, "test"), shape, large);
        Assert.Contains(problems, problem => $"{problem.What} {problem.Mend}".Contains(words, StringComparison.Ordinal));

        static string Merged(string sizes)
        {
            var (name, value) = (sizes.Trim('{', '}', ' ').Split(": ")[0], sizes.Trim('{', '}', ' ').Split(": ")[1]);
            return "{ model-width: 16, feed-forward-width: 32, head-width: 4, heads: 2, encoder-layers: 2, decoder-layers: 2, vocabulary: 64, name: large }".Replace($"{name}: {Old(name)}", $"{name}: {value}", StringComparison.Ordinal);
        }

        static int Old(string name) => name switch { "model-width" => 16, "feed-forward-width" => 32, "head-width" => 4, "vocabulary" => 64, _ => 2 };
    }

    private static void Same(Tensor expected, Tensor actual) => Assert.Equal(expected.contiguous().data<float>().ToArray(), actual.contiguous().data<float>().ToArray());
}
