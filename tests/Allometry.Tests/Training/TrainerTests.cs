using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tests.Store;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public void A_batch_in_parts_takes_the_step_of_the_whole_batch(int parts)
    {
        var options = Descent.Options with { LearningRate = 0.1, Clip = 0.5, Loss = new LossOptions(LabelSmoothing: 0.1, ZWeight: 1e-2) };
        var (whole, inParts) = (Trained(options), Trained(options with { Accumulate = parts }));
        Assert.All(whole.Steps.Zip(inParts.Steps), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-5);
            Assert.Equal(pair.First.GradientNorm, pair.Second.GradientNorm, 1e-4 * pair.First.GradientNorm);
            Assert.Equal(pair.First.Tokens, pair.Second.Tokens);
        });
        Assert.All(whole.Values.Zip(inParts.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Parts_of_like_length_take_the_step_of_the_whole_batch_with_little_padding()
    {
        var options = Descent.Options with { LearningRate = 0.1, Clip = 0.5, Loss = new LossOptions(LabelSmoothing: 0.1, ZWeight: 1e-2) };
        var (whole, inParts) = (Trained(options with { MostPadding = 1 }), Trained(options with { MostPadding = 0.1 }));
        Assert.All(whole.Steps.Zip(inParts.Steps), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-5);
            Assert.Equal(pair.First.GradientNorm, pair.Second.GradientNorm, 1e-4 * pair.First.GradientNorm);
            Assert.Equal(pair.First.Tokens, pair.Second.Tokens);
            Assert.InRange(pair.Second.Positions, pair.Second.Tokens, pair.Second.Tokens / 0.9);
            Assert.True(pair.First.Positions > 1.2 * pair.Second.Positions);
        });
        Assert.All(whole.Values.Zip(inParts.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void The_gradient_is_that_of_the_mean_over_all_target_tokens()
    {
        using var model = Tiny.Model();
        var before = Tiny.Values(model);
        var examples = new RandomExamples(6).At(0);
        var (step, gradient) = (OneStep(model, Descent.Options), ByDifferences(Tiny.Model(), examples, [0, 5, 700]));
        var after = Tiny.Values(model);
        Assert.Equal(examples.Sum(example => example.Inputs.Length + example.Targets.Length), step.Tokens);
        Assert.All(gradient, pair => Assert.Equal(pair.Value, before[pair.Key] - after[pair.Key], 2e-3));
        Assert.Equal(Tiny.Distance(before, after), step.GradientNorm, 1e-4 * step.GradientNorm);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1e-3)]
    public void A_gradient_that_is_too_long_is_shortened_to_the_limit_in_its_own_direction(double share)
    {
        using var free = Tiny.Model();
        using var clipped = Tiny.Model();
        var before = Tiny.Values(free);
        var norm = OneStep(free, Descent.Options).GradientNorm;
        Assert.Equal(norm, OneStep(clipped, Descent.Options with { Clip = share * norm }).GradientNorm, 1e-9);
        Assert.All(before.Zip(Tiny.Values(free), Tiny.Values(clipped)), values => Assert.Equal(share * (values.First - values.Second), values.First - values.Third, 1e-5));
    }

    [Fact]
    public void A_gradient_within_the_limit_is_left_alone()
    {
        var free = Trained(Descent.Options with { LearningRate = 0.1 });
        Assert.Equal(free.Values, Trained(Descent.Options with { LearningRate = 0.1, Clip = 1e6 }).Values);
    }

    [Fact]
    public void Steps_are_counted_from_one_and_follow_the_schedule()
    {
        var steps = Trained(Descent.Options with { LearningRate = 0.2, Schedule = new WarmupStableDecay(Warmup: 2, Decay: 4) }).Steps;
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], steps.Select(step => step.Step));
        Assert.Equal([0.1, 0.2, 0.2, 0.2, 0.15, 0.1, 0.05, 0], steps.Select(step => step.LearningRate), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void The_loss_told_is_plain_cross_entropy_whatever_is_minimised()
    {
        var plain = Trained(Descent.Options).Steps[0];
        var other = Trained(Descent.Options with { Loss = new LossOptions(LabelSmoothing: 0.3, ZWeight: 0.1) }).Steps[0];
        Assert.Equal(plain.Loss, other.Loss, 1e-6);
        Assert.NotEqual(plain.GradientNorm, other.GradientNorm);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_loss_that_is_no_number_ends_the_training_and_leaves_the_parameters(float factor)
    {
        using var model = Tiny.Model();
        var calls = 0;
        using var trainer = new Trainer(model, (m, batch, options) => Tiny.Loss(m, batch, options) is var loss && ++calls == 3 ? Spoiled(loss, factor) : loss,
            new RandomExamples(6), new TrainingOptions(new AdamW(), 1e-3, new Constant(), MostPadding: 1), steps: 8, seed: 1);
        float[] before = [];
        var failure = Assert.Throws<LossDivergedException>(() =>
        {
            foreach (var _ in trainer.Rest()) before = Tiny.Values(model);
        });
        Assert.Contains("step 3", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, Tiny.Values(model));
        Assert.Equal(2, trainer.Done);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_gradient_that_is_no_number_ends_the_training_though_the_loss_is_one()
    {
        using var model = Tiny.Model();
        var before = Tiny.Values(model);
        using var trainer = new Trainer(model, (m, batch, options) => Tiny.Loss(m, batch, options) is var loss ? loss with { Sum = loss.Sum * float.NaN } : loss, new RandomExamples(6), Descent.Options, 8, 1);
        Assert.Contains("NaN", Assert.Throws<LossDivergedException>(() => trainer.Rest().First()).Message, StringComparison.Ordinal);
        Assert.Equal(before, Tiny.Values(model));
    }

    [Fact]
    public void Weights_that_are_no_numbers_never_replace_a_good_checkpoint()
    {
        var path = System.IO.Path.Combine(folder.Path, "state");
        using var model = Tiny.Model();
        using var trainer = Tiny.Trainer(model, Descent.Options);
        trainer.Save(path);
        var good = File.ReadAllBytes(System.IO.Path.Combine(path, "model.safetensors"));
        using (no_grad()) model.parameters().Last().fill_(float.NaN);
        Assert.Throws<LossDivergedException>(() => trainer.Save(path));
        Assert.Equal(good, File.ReadAllBytes(System.IO.Path.Combine(path, "model.safetensors")));
    }

    [Fact]
    public void Who_stops_and_asks_again_goes_on_as_if_nothing_had_been()
    {
        var options = new TrainingOptions(new AdamW(), 1e-2, new Constant());
        var undisturbed = Trained(options, dropout: 0.3);
        using var model = Tiny.Model(dropout: 0.3);
        using var trainer = Tiny.Trainer(model, options);
        using var stop = new CancellationTokenSource();
        var losses = trainer.Rest().Take(3).Select(step => step.Loss).ToList();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var step in trainer.Steps(stop.Token))
            {
                losses.Add(step.Loss);
                if (step.Step == 5) stop.Cancel();
            }
        });
        Assert.Equal(5, trainer.Done);
        manual_seed(99);        // whatever others draw meanwhile
        losses.AddRange(trainer.Rest().Select(step => step.Loss));
        Assert.Equal(undisturbed.Steps.Select(step => step.Loss), losses);
        Assert.Equal(undisturbed.Values, Tiny.Values(model));
        Assert.Empty(trainer.Rest());
    }

    [Fact]
    public void A_training_leaves_no_tensors_behind()
    {
        using var model = Tiny.Model();
        using var trainer = Tiny.Trainer(model, new TrainingOptions(new Adafactor(FactoredFrom: 8), 1e-2, new Constant(), Accumulate: 2), steps: 30);
        void Steps(int count) => Assert.Equal(count, trainer.Rest().Take(count).Count()); // leaving them gives up the batches made ahead
        Steps(5);
        GC.Collect();           // what earlier tests dropped must not leave while this one counts
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        Steps(20);
        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    [Fact]
    public void What_is_wrong_with_the_examples_is_said_by_the_step_that_needs_them()
    {
        using var model = Tiny.Model();
        using var trainer = Tiny.Trainer(model, Descent.Options, source: new Failing(3));
        List<long> done = [];
        var failure = Assert.Throws<InputException>(() =>
        {
            foreach (var step in trainer.Rest()) done.Add(step.Step);
        });
        Assert.Contains("step 3 has no examples", failure.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], done);
    }

    private sealed class Failing(long at) : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) =>
            step == at ? throw new InputException("examples", $"step {step} has no examples", "give some") : new RandomExamples(6).At(step);
    }

    private static (float[] Values, TrainingStep[] Steps) Trained(TrainingOptions options, double dropout = 0)
    {
        using var model = Tiny.Model(dropout);
        using var trainer = Tiny.Trainer(model, options);
        TrainingStep[] steps = [.. trainer.Rest()];
        return (Tiny.Values(model), steps);
    }

    private static TrainingStep OneStep(LanguageModel model, TrainingOptions options)
    {
        using var trainer = Tiny.Trainer(model, options);
        return trainer.Rest().First();
    }

    private static LossTensors Spoiled(LossTensors loss, float factor) => loss with { Sum = loss.Sum * factor, CrossEntropy = loss.CrossEntropy * factor };

    /// <summary>The slope of the mean loss at some of the values, in double precision from both sides.</summary>
    private static Dictionary<int, double> ByDifferences(LanguageModel model, IReadOnlyList<Example> examples, int[] places)
    {
        const double step = 1e-4;
        using var owned = model.to(float64);
        using var scope = NewDisposeScope();
        using var still = new Still(model);
        using var batch = Batch.Of(examples);
        double At(int place, double change)
        {
            var parameter = Holding(ref place);
            parameter.view(-1)[place].add_(change);
            var loss = Tiny.Loss(model, batch, new LossOptions());
            parameter.view(-1)[place].sub_(change);
            return loss.CrossEntropy.item<double>() / loss.Tokens;
        }
        Tensor Holding(ref int place)
        {
            foreach (var parameter in model.parameters())
            {
                if (place < parameter.numel()) return parameter;
                place -= (int)parameter.numel();
            }
            throw new ArgumentOutOfRangeException(nameof(place));
        }
        return places.ToDictionary(place => place, place => (At(place, step) - At(place, -step)) / (2 * step));
    }
}
