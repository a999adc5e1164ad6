using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Papers.MetroT0;
using Allometry.Tasks;
using Allometry.Tests.Store;
using Allometry.Tests.Training;
using Allometry.Text;
using Allometry.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.MetroT0;

public sealed class MetroTests
{
    private static readonly ByteTokenizer Bytes = new(sentinels: 10);
    private static readonly Shape Small = new(ModelWidth: 16, FeedForwardWidth: 24, HeadWidth: 8, Heads: 2, EncoderLayers: 3, DecoderLayers: 2, Vocabulary: 288);

    public static TheoryData<CorrectiveTarget, DetectionHead, TokenWeights> Variants => [.. from target in Enum.GetValues<CorrectiveTarget>()
                                                                                           from head in Enum.GetValues<DetectionHead>()
                                                                                           from weights in Enum.GetValues<TokenWeights>()
                                                                                           select new TheoryDataRow<CorrectiveTarget, DetectionHead, TokenWeights>(target, head, weights)];

    [Fact] // n = floor(.15 L + u), 80/10/10, every place as likely as any other
    public void Masking_follows_the_statistics_of_the_definition()
    {
        const int length = 37, draws = 4000;
        var (byPlace, count, masks, kept) = (new int[length], 0, 0, 0);
        int[] text = [.. Enumerable.Range(0, length - 1).Select(i => 3 + ((i * 7) % 256))];
        for (var seed = 0; seed < draws; seed++)
        {
            var example = new Metro().Make(text, Bytes, RandomStream.For(seed, "test"));
            Assert.Equal([.. text, 1], example.Targets);
            Assert.InRange(example.Marked!.Length, 5, 6); // 0.15 x 37 = 5.55
            Assert.Equal(example.Marked!.Distinct().Order(), example.Marked);
            Assert.All(Enumerable.Range(0, length).Except(example.Marked!), place => Assert.Equal(example.Targets[place], example.Inputs[place]));
            count += example.Marked!.Length;
            foreach (var place in example.Marked!)
            {
                byPlace[place]++;
                if (example.Inputs[place] == Bytes.Sentinel(0)) masks++;
                else if (example.Inputs[place] == example.Targets[place]) kept++;
                else Assert.InRange(example.Inputs[place], 3, 258);
            }
        }

        Assert.Equal(5.55, count / (double)draws, 0.03);
        Assert.Equal(0.8, masks / (double)count, 0.02);
        Assert.Equal(0.1, kept / (double)count, 0.02);
        Assert.All(byPlace, places => Assert.Equal(0.15, places / (double)draws, 0.025)); // the end token too
        Assert.DoesNotContain(length - 1, Enumerable.Range(0, 300).SelectMany(seed => new Metro { ExcludeSpecial = true }.Make(text, Bytes, RandomStream.For(seed, "test")).Marked!));
    }

    [Fact]
    public void Stretches_are_masked_together_where_a_mean_span_is_given() => Gen.Select(Gen.Int[2, 200], Gen.Long, Gen.Double[0.05, 0.9]).Sample((length, seed, density) =>
    {
        var places = new Metro(density, MeanSpan: 3).Make(new int[length], Bytes, RandomStream.For(seed, "test")).Marked!;
        Assert.InRange(places.Length, Math.Max(1, Math.Floor(density * (length + 1))), Math.Floor(density * (length + 1)) + 1);
        Assert.Equal(places.Distinct().Order(), places);
        Assert.InRange(places[^1], 0, length);
        var stretches = 1 + places.Zip(places.Skip(1)).Count(pair => pair.Second > pair.First + 1);
        Assert.InRange(stretches, 1, Math.Max(1, Math.Round(places.Length / 3.0)));
    });

    [Theory, MemberData(nameof(Variants))]
    public void Before_training_nothing_is_detected_and_everything_guessed(CorrectiveTarget target, DetectionHead head, TokenWeights weights)
    {
        using var scope = NewDisposeScope();
        var metro = new Metro(Target: target, DetectionHead: head) { TokenWeights = weights };
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        using var batch = BatchOf(metro, rows: 24, length: 40);
        model.eval();
        var result = module.Loss(model, batch, new());
        double Mean(string name) => result.Measures![name].Sum / result.Measures[name].Count;
        Assert.Equal(Math.Log(2), Mean("detection-loss"), 1e-6); // the last projection is zero
        Assert.Equal(1, Mean("replaced-of-masked"), 0.06); // 1 - 1/V
        Assert.Equal(Math.Log(288), Mean("generator-loss"), 0.6);
        Assert.Equal(target == CorrectiveTarget.Both ? 1 : 0.15, Mean("replaced"), 0.06);
        Assert.Equal((0.5, 24 * 6), (Mean("auc"), result.Tokens));
        var total = result.Sum.ToDouble() / result.Tokens;
        Assert.Equal(Mean("generator-loss") + (result.CrossEntropy.ToDouble() / result.Tokens) + (50 * Math.Log(2)), total, 1e-3);
    }

    [Theory, MemberData(nameof(Variants))]
    public void The_losses_add_up_with_their_weights(CorrectiveTarget target, DetectionHead head, TokenWeights weights)
    {
        using var scope = NewDisposeScope();
        var metro = new Metro(Target: target, DetectionHead: head) { TokenWeights = weights, GeneratorWeight = 0.5, CorrectiveWeight = 3, DetectionWeight = 20 };
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        Randomise(module);
        using var batch = BatchOf(metro, rows: 4, length: 40);
        model.eval();
        var result = module.Loss(model, batch, new());
        double Mean(string name) => result.Measures![name].Sum / result.Measures[name].Count;
        var total = (0.5 * Mean("generator-loss")) + (3 * result.CrossEntropy.ToDouble() / result.Tokens) + (20 * Mean("detection-loss"));
        Assert.Equal(1, result.Sum.ToDouble() / result.Tokens / total, 1e-5);
    }

    [Fact] // acceptance check 4
    public void A_generator_that_always_draws_the_right_token_leaves_nothing_to_detect()
    {
        using var scope = NewDisposeScope();
        var metro = new Metro { ExcludeSpecial = true };
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        AlwaysDraws(module, 100);
        using var batch = Batch.Of([.. Enumerable.Range(0, 6).Select(row => metro.Make([.. Enumerable.Repeat(100, 39)], Bytes, RandomStream.For(row, "test")))]);
        model.eval();
        var measures = module.Loss(model, batch, new()).Measures!;
        Assert.Equal((0, 0, 0), (measures["generator-loss"].Sum, measures["replaced"].Sum, measures["replaced-of-masked"].Sum));
        Assert.Equal(batch.Marked!.sum().item<long>(), measures["replaced-of-masked"].Count);
        AlwaysDraws(module, 101);
        Assert.Equal(measures["replaced-of-masked"].Count, module.Loss(model, batch, new()).Measures!["replaced-of-masked"].Sum);
    }

    [Fact] // trap 1
    public void The_encoder_reads_what_was_drawn_and_the_decoder_the_text_itself()
    {
        using var scope = NewDisposeScope();
        var metro = new Metro();
        using var model = Model();
        Randomise(model);
        using var module = metro.Build(model, Bytes);
        AlwaysDraws(module, 101);
        using var batch = BatchOf(metro, rows: 4, length: 20);
        model.eval();
        var result = module.Loss(model, batch, new());
        var corrupted = batch.Targets.masked_fill(batch.Marked!, 101);
        double Correction(Tensor decoded)
        {
            // The logits of a place depend on what the decoder reads before it: the targets, moved by one.
            var logits = model.Logits(corrupted, batch.InputMask, decoded);
            return MetroLosses.NegativeLogs(logits[batch.Marked!], batch.Targets[batch.Marked!]).mean().ToDouble();
        }

        Assert.Equal(Correction(batch.Targets), result.CrossEntropy.ToDouble() / result.Tokens, 1e-5);
        Assert.NotEqual(Correction(corrupted), result.CrossEntropy.ToDouble() / result.Tokens, 1e-3);
    }

    [Theory, MemberData(nameof(Variants))]
    public void Padding_and_the_way_it_is_computed_do_not_matter(CorrectiveTarget target, DetectionHead head, TokenWeights weights)
    {
        using var scope = NewDisposeScope();
        var metro = new Metro(Target: target, DetectionHead: head) { TokenWeights = weights };
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        Randomise(module);
        using var batch = BatchOf(metro, rows: 3, length: 20);
        using var padded = new Batch(Padded(batch.Inputs), Padded(batch.InputMask), Padded(batch.Targets)) { Marked = Padded(batch.Marked!) };
        model.eval();
        var expected = module.Loss(model, batch, new()).Sum.ToDouble();
        Assert.Equal(expected, module.Loss(model, padded, new()).Sum.ToDouble(), 1e-4 * expected);
        model.Plain = true;
        Assert.Equal(expected, module.Loss(model, batch, new()).Sum.ToDouble(), 1e-4 * expected);
        Grown.Exact(model);
        module.to(float64);
        var exact = module.Loss(model, batch, new()).Sum.ToDouble();
        Assert.Equal(exact, module.Loss(model, padded, new()).Sum.ToDouble(), 1e-9 * exact); // acceptance check 7
    }

    [Fact] // acceptance check 6: the generator learns from its own loss alone; detection does not reach the decoder
    public void Gradients_flow_where_they_should()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        Dictionary<string, double> Gradients(Metro metro)
        {
            using var module = metro.Build(model, Bytes);
            Randomise(module);
            using var batch = BatchOf(metro, rows: 4, length: 20);
            foreach (var parameter in model.parameters()) parameter.grad = null;
            model.train();
            module.Loss(model, batch, new()).Sum.backward();
            return model.named_parameters().Concat(module.named_parameters().Select(pair => ($"auxiliary.{pair.name}", pair.parameter)))
                .ToDictionary(pair => pair.Item1, pair => pair.Item2.grad?.abs().max().ToDouble() ?? 0);
        }

        var generation = Gradients(new Metro { CorrectiveWeight = 0, DetectionWeight = 0 });
        var correction = Gradients(new Metro { GeneratorWeight = 0, DetectionWeight = 0 });
        var detection = Gradients(new Metro { GeneratorWeight = 0, CorrectiveWeight = 0 });
        bool Generator(string name) => name.StartsWith("auxiliary.", StringComparison.Ordinal) && !name.StartsWith("auxiliary.detector", StringComparison.Ordinal);
        Assert.All(generation, pair => Assert.Equal(Generator(pair.Key) || pair.Key == "embedding.weight", pair.Value > 0));
        Assert.All(correction.Concat(detection).Where(pair => Generator(pair.Key)), pair => Assert.Equal(0, pair.Value));
        Assert.All(detection.Where(pair => pair.Key.StartsWith("decoder", StringComparison.Ordinal)), pair => Assert.Equal(0, pair.Value));
        Assert.All(detection.Where(pair => pair.Key.StartsWith("encoder", StringComparison.Ordinal) || pair.Key.StartsWith("auxiliary.detector", StringComparison.Ordinal)), pair => Assert.True(pair.Value > 0, pair.Key));
        Assert.All(correction.Where(pair => !pair.Key.StartsWith("auxiliary", StringComparison.Ordinal)), pair => Assert.True(pair.Value > 0, pair.Key));
        Assert.True(correction["embedding.weight"] > 0 && detection["embedding.weight"] > 0);
        foreach (var target in Enum.GetValues<CorrectiveTarget>())
            foreach (var weights in Enum.GetValues<TokenWeights>())
            {
                // Weights of tokens are no way from the decoder's loss to the detector.
                var other = Gradients(new Metro(Target: target) { TokenWeights = weights, GeneratorWeight = 0, DetectionWeight = 0 });
                Assert.All(other.Where(pair => pair.Key.StartsWith("auxiliary", StringComparison.Ordinal)), pair => Assert.Equal(0, pair.Value));
                Assert.All(other.Where(pair => !pair.Key.StartsWith("auxiliary", StringComparison.Ordinal)), pair => Assert.True(pair.Value > 0, $"{target} {weights} {pair.Key}"));
            }
    }

    [Theory, MemberData(nameof(Variants))]
    public void Counted_flops_and_weights_are_those_of_the_whole_training(CorrectiveTarget target, DetectionHead head, TokenWeights weights)
    {
        using var scope = NewDisposeScope();
        var metro = new Metro(Target: target, DetectionHead: head) { TokenWeights = weights };
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        using var batch = BatchOf(metro, rows: 3, length: 40); // 6 places a row, whatever is drawn
        using var record = Products.Record();
        module.Loss(model, batch, new());
        var sheet = metro.Count(model.Architecture, model.Shape, new Setting(3, 40, metro.Lengths(40).Targets));
        Assert.Equal(sheet.ForwardFlops, record.Flops);
        Assert.Equal(sheet.Parameters, model.parameters().Concat(module.parameters()).Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void What_is_trained_and_resumed_ends_in_the_same_bits_and_leaves_a_plain_model()
    {
        using var folder = new TemporaryFolder();
        var state = Path.Combine(folder.Path, "state");
        var whole = Train(8, null, null);
        var first = Train(3, null, state);
        Assert.Equal(whole[..3], first);
        Assert.Equal(whole[3..], Train(8, state, Path.Combine(folder.Path, "end")));
        Assert.True(File.Exists(Path.Combine(state, "auxiliary.safetensors")));

        using var saved = Checkpoint.Load(Path.Combine(folder.Path, "end"));
        using var plain = Model();
        Assert.Equal(plain.named_parameters().Select(pair => pair.name), saved.named_parameters().Select(pair => pair.name));
    }

    [Fact] // acceptance check 5: with a generator that never learns, texts known by heart show what was replaced
    public void What_was_replaced_can_be_learnt()
    {
        using var scope = NewDisposeScope();
        var metro = new Metro { GeneratorWeight = 0 };
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        using var trainer = new Trainer(model, module.Loss, new Fixed(metro, rows: 8), new(new AdamW(), 0.005, new Constant()), 300, seed: 1, module);
        trainer.Steps(TestContext.Current.CancellationToken).Count();
        model.eval();
        using var batch = BatchOf(metro, rows: 8, length: 20);
        var measures = module.Loss(model, batch, new()).Measures!;
        Assert.InRange(measures["auc"].Sum / measures["auc"].Count, 0.8, 1); // 0.5 is blind
        Assert.InRange(measures["recall"].Sum / measures["recall"].Count, 0.3, 1); // 0 is blind
    }

    [Theory] // the ways in which a model computes are those of what is trained beside it
    [InlineData(true, Precision.Float32)]
    [InlineData(false, Precision.Bfloat16)]
    public void What_is_trained_beside_the_model_is_computed_as_the_model_is(bool recompute, Precision precision)
    {
        Assert.SkipWhen(precision == Precision.Bfloat16 && Bfloat16.LackWithLibtorch is not null, Bfloat16.LackWithLibtorch ?? "");
        using var scope = NewDisposeScope();
        var metro = new Metro();
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        Randomise(module);
        using var batch = BatchOf(metro, rows: 3, length: 40);
        (double Flops, float[] Gradient) Step()
        {
            foreach (var parameter in model.parameters().Concat(module.parameters())) parameter.grad = null;
            model.train();
            manual_seed(5);
            using var record = Products.Record();
            module.Loss(model, batch, new()).Sum.backward();
            return (record.Flops, module.get_parameter("dense.weight")!.grad!.flatten().data<float>().ToArray());
        }

        var usual = Step();
        (model.Recompute, model.Precision) = (recompute, precision);
        var other = Step();
        if (recompute)
        {
            var setting = new Setting(3, 40, 40);
            Assert.Equal(metro.Count(model.Architecture, model.Shape, setting with { Recompute = true }).RecomputedFlops, other.Flops - usual.Flops);
            Assert.Equal(usual.Gradient, other.Gradient);
        }
        else
        {
            Assert.NotEqual(usual.Gradient, other.Gradient);
        }
    }

    [Fact]
    public void The_balance_of_experts_is_part_of_the_loss()
    {
        using var scope = NewDisposeScope();
        var metro = new Metro();
        manual_seed(3);
        using var model = Reader.Read<Architecture>("{ kind: encoder-decoder, feed-forward: { kind: switch, experts: 4 } }", "recipe.yaml").Build(Small);
        using var module = metro.Build(model, Bytes);
        using var batch = BatchOf(metro, rows: 4, length: 20);
        model.eval();
        var result = module.Loss(model, batch, new());
        double Mean(string name) => result.Measures![name].Sum / result.Measures[name].Count;
        var own = Mean("generator-loss") + (result.CrossEntropy.ToDouble() / result.Tokens) + (50 * Mean("detection-loss"));
        // 3 + 2 layers of the model and one of the auxiliary encoder, each at least 0.01 where it is balanced.
        Assert.InRange((result.Sum.ToDouble() / result.Tokens) - own, 0.0599, 0.2);
    }

    [Theory] // as published for 12 and 24 layers; a third below
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(6, 2)]
    [InlineData(12, 4)]
    [InlineData(24, 6)]
    public void The_auxiliary_encoder_is_as_deep_as_published(int layers, int auxiliary)
    {
        Assert.Equal(auxiliary, new Metro().Layers(Small with { EncoderLayers = layers }));
        Assert.Equal(5, new Metro(GeneratorLayers: 5).Layers(Small with { EncoderLayers = layers }));
    }

    [Fact] // acceptance check 8
    public void A_few_texts_are_learnt_by_heart()
    {
        using var scope = NewDisposeScope();
        var metro = new Metro();
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        using var trainer = new Trainer(model, module.Loss, new Fixed(metro, rows: 8), new(new AdamW(), 0.01, new Constant()), 400, seed: 1, module);
        foreach (var step in trainer.Steps(TestContext.Current.CancellationToken)) Assert.True(double.IsFinite(step.Loss));
        model.eval();
        using var batch = BatchOf(metro, rows: 8, length: 20);
        var result = module.Loss(model, batch, new());
        Assert.InRange(result.CrossEntropy.ToDouble() / result.Tokens, 0, 0.1); // nats
    }

    [Fact]
    public void Without_a_decoder_or_a_shared_table_it_is_refused()
    {
        var metro = Reader.Read<Objective>("metro", "recipe.yaml");
        Assert.Single(metro.Problems("objective", new DecoderOnly()));
        Assert.Single(metro.Problems("objective", new EncoderDecoder { Tied = false }));
        Assert.Empty(metro.Problems("objective", new EncoderDecoder()));
        Assert.Single(metro.Problems("objective", 64, new ByteTokenizer(0)));
        Assert.Empty(metro.Problems("objective", 64, Bytes));
        Assert.Contains("longer than the 63 tokens of text", Assert.Single(new Metro(MeanSpan: 900).Problems("objective", 64, Bytes)).What, StringComparison.Ordinal);
    }

    private static double[] Train(int steps, string? from, string? to, int rows = 6)
    {
        var metro = new Metro();
        using var model = Model();
        using var module = metro.Build(model, Bytes);
        var options = new TrainingOptions(new AdamW(), 0.003, new Constant(), Accumulate: 1);
        using var trainer = new Trainer(model, module.Loss, new Fixed(metro, rows), options, 120, seed: 1, module);
        if (from is not null) trainer.Load(from);
        double[] losses = [.. trainer.Steps(TestContext.Current.CancellationToken).Take((int)(steps - trainer.Done)).Select(step => step.Loss)];
        if (to is not null) trainer.Save(to);
        return losses;
    }

    private static LanguageModel Model()
    {
        manual_seed(3);
        return new EncoderDecoder().Build(Small);
    }

    /// <summary>The bias of the auxiliary encoder's logits lets it draw this token and no other.</summary>
    private static void AlwaysDraws(nn.Module module, int token)
    {
        using var still = no_grad();
        var bias = module.get_parameter("bias")!;
        bias.zero_();
        bias[token] = 1e4f;
    }

    private static void Randomise(nn.Module module)
    {
        using var still = no_grad();
        manual_seed(4);
        foreach (var parameter in module.parameters()) parameter.normal_(0, 0.3);
    }

    private static Batch BatchOf(Metro metro, int rows, int length) => Batch.Of(Examples(metro, rows, length));

    private static IReadOnlyList<Example> Examples(Metro metro, int rows, int length) =>
        [.. Enumerable.Range(0, rows).Select(row => metro.Make([.. Enumerable.Range(0, length - 1).Select(i => 3 + (((i * 31) + (row * 17)) % 256))], Bytes, RandomStream.For(row, "test")))];

    private static Tensor Padded(Tensor rows) => cat([rows, zeros([rows.size(0), 5], rows.dtype)], 1);

    /// <summary>The same few texts at every step.</summary>
    private sealed class Fixed(Metro metro, int rows) : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) => Examples(metro, rows, 20);
    }
}
