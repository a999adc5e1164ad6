using Allometry.Costs;
using Allometry.Generation;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

/// <summary>What holds for every architecture that can be named.</summary>
public class CatalogueTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 3, DecoderLayers: 2, Vocabulary: 40);

    private static readonly Gen<Shape> Shapes =
        from width in Gen.Int[1, 96]
        from hidden in Gen.Int[1, 200]
        from head in Gen.Int[1, 40]
        from heads in Gen.Int[1, 9]
        from encoder in Gen.Int[0, 5]
        from decoder in Gen.Int[0, 5]
        from rows in Gen.Int[2, 300]
        select new Shape(width, hidden, head, heads, encoder, decoder, rows);

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Counted_weights_are_those_of_the_module(string name)
    {
        var architecture = Trees.Named(name);
        Shapes.Sample(shape =>
        {
            using var model = architecture.Build(shape, META);
            var built = model.named_parameters().Select(pair => (pair.name, string.Join('x', pair.parameter.shape)));
            var counted = architecture.Count(shape, new Setting()).Weights.Select(weight => (weight.Name, string.Join('x', weight.Shape)));
            Assert.Equal(built.Order(), counted.Order());
        }, iter: 20, threads: 1);
    }

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Counted_flops_are_those_of_the_products_executed(string name)
    {
        var architecture = Trees.Named(name);
        Shapes.Select(Gen.Int[1, 3], Gen.Int[1, 9], Gen.Int[1, 7]).Sample((shape, batch, input, target) =>
        {
            using var scope = NewDisposeScope();
            using var model = architecture.Build(shape);
            model.eval(); // while training, experts may drop tokens
            if (architecture is EncoderOnly)
                target = input;
            foreach (var plain in (bool[])[false, true]) // kernels say what they stand for, library operations what they are given
            {
                model.Plain = plain;
                using var record = Products.Record();
                model.Logits(Ids(shape, batch, input), null, Ids(shape, batch, target));
                Assert.Equal(architecture.Count(shape, new Setting(batch, input, target)).ForwardFlops, record.Flops);
            }
        }, iter: 8, threads: 1);
    }

    [Theory, MemberData(nameof(Trees.Writers), MemberType = typeof(Trees))]
    public void Counted_decode_flops_are_those_of_the_last_token_with_a_cache(string name)
    {
        using var scope = NewDisposeScope();
        var architecture = Trees.Named(name);
        using var model = architecture.Build(Small);
        model.eval();
        using var decoding = model.Begin(Ids(Small, 2, 6), null);
        var tokens = full([2], 3, int64);
        for (var i = 0; i < 3; i++)
            decoding.Write(tokens);
        using var record = Products.Record();
        decoding.Write(tokens);
        Assert.Equal(architecture.Count(Small, new Setting(2, 6, 5)).DecodeFlops, record.Flops);
    }

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Gradient_reaches_every_parameter(string name)
    {
        using var scope = NewDisposeScope();
        HashSet<string> unreached = [.. Trees.Named(name).Count(Small, new Setting()).Weights.Select(weight => weight.Name)];
        for (var seed = 3; seed < 15 && unreached.Count > 0; seed++) // one model's router may send nothing to an expert
        {
            using var model = Random(name, Small, seed);
            model.Loss(Ids(Small, 4, 30), null, Ids(Small, 4, 30), new LossOptions()).Sum.backward();
            unreached.ExceptWith(model.named_parameters().Where(pair => pair.parameter.grad?.abs().max().item<float>() > 0).Select(pair => pair.name));
        }
        Assert.Empty(unreached);
    }

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Same_seed_gives_the_same_bits(string name)
    {
        using var scope = NewDisposeScope();
        var architecture = Trees.Named(name) with { Dropout = 0.3 };
        byte[] Run()
        {
            manual_seed(5);
            using var model = architecture.Build(Small);
            var loss = model.Loss(Ids(Small, 2, 20), null, Ids(Small, 2, 20), new LossOptions(0.1, 1e-4)).Sum;
            loss.backward();
            return [.. loss.bytes, .. model.parameters().SelectMany(parameter => parameter.grad?.bytes.ToArray() ?? [])];
        }
        Assert.Equal(Run(), Run());
    }

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Nothing_is_left_behind_after_a_step(string name)
    {
        using var model = Trees.Named(name).Build(Small);
        void Step()
        {
            using var scope = NewDisposeScope();
            model.Loss(Ids(Small, 2, 6), null, Ids(Small, 2, 6), new LossOptions(0.1, 1e-4)).Sum.backward();
            foreach (var parameter in model.parameters())
                parameter.grad = null;
            if (Trees.Named(name) is not EncoderOnly)
                new BeamDecoding(3) { MaxNewTokens = 3 }.Write(model, Ids(Small, 2, 6), null);
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory, MemberData(nameof(Trees.Names), MemberType = typeof(Trees))]
    public void Padding_and_the_other_rows_do_not_matter(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Random(name, Small);
        model.to(float64);
        var (inputs, targets) = (Ids(Small, 3, 9), Ids(Small, 3, 9));
        inputs[1, 5..] = 0;
        if (Trees.Named(name) is not EncoderOnly)
            targets = targets[.., ..4];
        var together = model.Logits(inputs, null, targets)[1];
        var alone = Trees.Named(name) is EncoderOnly ? targets[1..2, ..5] : targets[1..2];
        AssertClose(model.Logits(inputs[1..2, ..5], null, alone)[0], together[..(int)alone.size(1)], 1e-12);
    }

    [Theory, MemberData(nameof(Trees.Writers), MemberType = typeof(Trees))]
    public void A_target_changes_no_logits_before_it(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Random(name, Small);
        var (inputs, targets) = (Ids(Small, 2, 7), Ids(Small, 2, 6));
        var before = model.Logits(inputs, null, targets);
        for (var j = 0; j < 6; j++)
        {
            var changed = targets.clone();
            changed[.., j] = (changed[.., j] + 7) % 30 + 2;
            var after = model.Logits(inputs, null, changed);
            AssertClose(before[.., ..(j + 1)], after[.., ..(j + 1)], 2e-6);
            if (j < 5)
                Assert.True((before[.., j + 1] - after[.., j + 1]).abs().max().item<float>() > 1e-4);
        }
    }

    [Theory, MemberData(nameof(Trees.Writers), MemberType = typeof(Trees))]
    public void Greedy_writing_with_a_cache_is_argmax_without_one(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Random(name, Small);
        var inputs = Ids(Small, 3, 7);
        inputs[0, 4..] = 0;
        var written = new GreedyDecoding { MaxNewTokens = 6 }.Write(model, inputs, null);
        var targets = ones([3, 6], int64);
        var open = true;
        for (var i = 0; i < 6; i++)
            targets[.., i] = model.Logits(inputs, null, targets)[.., i].argmax(-1);
        for (var row = 0; row < 3; row++, open = true)
            Assert.Equal(targets[row].data<long>().TakeWhile(token => open &= token != LanguageModel.End), written[row].Answer);
    }

    [Fact]
    public void The_catalogue_has_the_parts_of_T5()
    {
        string[] Names<T>() => [.. Catalogue.Of(typeof(T)).Select(entry => entry.Name)];
        Assert.All(["encoder-decoder", "decoder-only", "encoder-only", "t5-1.0", "t5-1.1"], name => Assert.Contains(name, Names<Architecture>()));
        Assert.All(["relu", "gelu", "silu"], name => Assert.Contains(name, Names<Activation>()));
    }

    /// <summary>A model all of whose weights are random and large enough that nothing hides.</summary>
    private static LanguageModel Random(string name, Shape shape, long seed = 3)
    {
        manual_seed(seed);
        var model = Trees.Named(name).Build(shape);
        using var still = no_grad();
        foreach (var (parameter, weight) in model.named_parameters())
            weight.copy_(randn_like(weight) * 0.5 + (weight.dim() == 1 ? 1 : 0));
        model.eval();
        return model;
    }

    private static Tensor Ids(Shape shape, int batch, int length) => randint(Math.Min(2, shape.Vocabulary - 1), shape.Vocabulary, [batch, length], int64);

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected - actual).abs().max().to(float64).item<double>(), 0, tolerance * Math.Max(1, expected.abs().max().to(float64).item<double>()));
}
