using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private const int Steps = 6;

    private readonly string folder = Directory.CreateTempSubdirectory("allometry-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 5)]
    public void Resumed_at_any_step_a_run_with_dropout_ends_at_the_same_bits(int threads, int savedAfter)
    {
        set_num_threads(threads);
        var (undisturbed, losses) = Trained(_ => { });
        var state = Path.Combine(folder, "state");
        var (_, first) = Trained(trainer => trainer.Save(state), until: savedAfter);
        randn(1000).Dispose();                                                                  // somebody else uses the generator
        var (resumed, rest) = Trained(_ => { }, start: trainer => trainer.Load(state));
        Assert.Equal(losses, first.Concat(rest));
        Assert.Equal(undisturbed, resumed);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void A_batch_in_parts_is_the_batch(int parts)
    {
        var (whole, _) = Trained(_ => { }, Options(new AdamW(Epsilon: 1e-3), clip: 0.5), dropout: 0);
        var (inParts, _) = Trained(_ => { }, Options(new AdamW(Epsilon: 1e-3), clip: 0.5, parts), dropout: 0);
        Assert.True(whole.Zip(inParts).Max(pair => Math.Abs(pair.First - pair.Second)) < 1e-5);
    }

    [Fact]
    public void Clipped_gradients_move_plain_descent_by_the_norm_at_most()
    {
        using var model = Model(0);
        var before = Weights(model);
        using var trainer = new Trainer(model, Loss, new Source(), Options(new Descent(), clip: 0.25), 1, 1);
        var step = trainer.Steps(TestContext.Current.CancellationToken).Single();
        Assert.True(step.GradientNorm > 0.25);
        var moved = Math.Sqrt(before.Zip(Weights(model)).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
        Assert.Equal(step.LearningRate * 0.25, moved, 1e-4 * moved);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_and_leaves_the_weights_as_they_were()
    {
        using var model = Model(0);
        using (no_grad()) model.named_parameters().First(pair => pair.name == "embedding.weight").parameter[5].fill_(float.NaN);
        var before = Weights(model);
        using var trainer = new Trainer(model, Loss, new Source(), Options(new AdamW()), Steps, 1);
        var error = Assert.Throws<LossDivergedException>(() => trainer.Steps(TestContext.Current.CancellationToken).ToList());
        Assert.Contains("step 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Weights(model));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void The_state_of_another_seed_or_optimiser_and_a_truncated_one_are_refused()
    {
        var state = Path.Combine(folder, "state");
        Trained(trainer => trainer.Save(state), until: 1);
        InputException Refused(Optimizer optimizer, long seed)
        {
            using var model = Model(0.1);
            using var trainer = new Trainer(model, Loss, new Source(), Options(optimizer), Steps, seed);
            return Assert.Throws<InputException>(() => trainer.Load(state));
        }
        Assert.Contains("seed 1, not 2", Refused(new Adafactor(), 2).Message, StringComparison.Ordinal);
        Assert.Contains("embedding.weight.mean", Refused(new AdamW(), 1).Message, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(state, "*.safetensors"))
        {
            var whole = File.ReadAllBytes(file);
            File.WriteAllBytes(file, whole[..^7]);
            Assert.Contains(Path.GetFileName(file), Refused(new Adafactor(), 1).Message, StringComparison.Ordinal);
            File.WriteAllBytes(file, whole);
        }
    }

    [Fact]
    public void Validation_leaves_the_generator_and_the_mode_alone_and_does_not_see_dropout()
    {
        using var model = Model(0.5);
        model.train();
        manual_seed(9);
        using var before = torch.random.get_rng_state();
        var validation = new Validation(new Source(), 3, Loss);
        Assert.Equal(validation.Loss(model), validation.Loss(model));
        using var after = torch.random.get_rng_state();
        Assert.True(model.training);
        Assert.Equal(before.data<byte>().ToArray(), after.data<byte>().ToArray());
    }

    [Fact]
    public void A_held_out_loss_is_that_of_its_tokens_however_they_are_batched()
    {
        using var model = Model(0);
        var inTwos = new Validation(new Source(2), 12, Loss).Loss(model);
        Assert.Equal(new Validation(new Source(8), 3, Loss).Loss(model), inTwos, 1e-5 * inTwos);
    }

    [Fact]
    public void A_machine_multiplies_at_some_pace_and_its_threads_are_left_as_they_were()
    {
        set_num_threads(1);
        Assert.InRange(MachinePeak.Measure(2).GigaflopsPerSecond, 0.1, 1e5);
        Assert.Equal(1, get_num_threads());
    }

    /// <summary>The weights after training and the losses on the way.</summary>
    private static (float[] Weights, double[] Losses) Trained(Action<Trainer> end, TrainingOptions? options = null, int until = Steps, double dropout = 0.2, Action<Trainer>? start = null)
    {
        using var model = Model(dropout);
        using var trainer = new Trainer(model, Loss, new Source(), options ?? Options(new Adafactor()), Steps, 1);
        start?.Invoke(trainer);
        var losses = trainer.Steps(TestContext.Current.CancellationToken).Take((int)(until - trainer.Done)).Select(step => step.Loss).ToArray();
        end(trainer);
        return (Weights(model), losses);
    }

    private static LanguageModel Model(double dropout)
    {
        manual_seed(1);
        return new EncoderDecoder { Dropout = dropout }.Build(new Shape(16, 32, 8, 2, 1, 1, 64));
    }

    private static TrainingOptions Options(Optimizer optimizer, double clip = 0, int parts = 1) => new(optimizer, 0.01, new WarmupCosine(), parts, clip);

    private static float[] Weights(LanguageModel model) => [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];

    private static LossTensors Loss(LanguageModel model, Batch batch, LossOptions options) => model.Loss(batch.Inputs, batch.InputMask, batch.Targets, options);

    /// <summary>Examples of several lengths, the i-th always the same.</summary>
    private sealed class Source(int rows = 8) : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, rows).Select(row => Made(step * rows + row))];

        private static Example Made(long index)
        {
            var random = RandomStream.For(4, "examples", index);
            int[] Tokens(int length) => [.. Enumerable.Range(0, length).Select(_ => 3 + random.Below(60)), 1];
            return new Example([5, .. Tokens(4 + random.Below(5))], Tokens(2 + random.Below(4)));
        }
    }

    /// <summary>w -= rate x gradient.</summary>
    private sealed record Descent : Optimizer
    {
        public override OptimizerState Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> parameters) => new State(parameters);

        public override double StateBytes(IEnumerable<Costs.Weight> weights) => 0;

        private sealed class State(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> parameters) : OptimizerState(parameters)
        {
            private double rate;

            protected override void Begin(long step, double learningRate) => rate = learningRate;

            protected override void Update(int index, TorchSharp.Modules.Parameter parameter, Tensor gradient) => parameter.sub_(gradient * rate);
        }
    }
}
