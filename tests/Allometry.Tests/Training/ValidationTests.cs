using Allometry.Training;
using CsCheck;
using static Allometry.Tests.Training.Tiny;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class ValidationTests
{
    [Fact]
    public void The_loss_is_the_mean_over_all_tokens_however_they_are_put_into_batches() =>
        Gen.Select(Gen.Int[1, 12], OneOf(1, 2, 3, 4, 6, 12)).Sample((examples, batch) =>
        {
            using var model = Tiny.Model();
            var all = new RandomExamples(examples).At(0);
            var (entropy, tokens) = (0.0, 0);
            foreach (var example in all)
            {
                using var scope = NewDisposeScope();
                using var row = Allometry.Tasks.Batch.Of([example]);
                entropy -= model.Score(row.Inputs, row.InputMask, row.Targets).item<float>();
                tokens += example.Targets.Length;
            }
            Assert.Equal(entropy / tokens, new Validation(new Portions(all, batch), (examples + batch - 1) / batch, Tiny.Loss).Loss(model), 1e-5);
        }, iter: 20, threads: 1);

    [Fact]
    public void It_takes_as_many_batches_as_it_is_told()
    {
        using var model = Tiny.Model();
        double Loss(long batches) => new Validation(new RandomExamples(3), batches, Tiny.Loss).Loss(model);
        Assert.Equal(Loss(2), Loss(2));
        Assert.NotEqual(Loss(2), Loss(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mode_gradients_and_random_numbers_stay_as_they_were_and_nothing_is_dropped(bool training)
    {
        using var scope = NewDisposeScope();
        using var dropping = Tiny.Model(dropout: 0.5);
        using var whole = Tiny.Model();
        dropping.train(training);
        var validation = new Validation(new RandomExamples(4), 2, Tiny.Loss);
        var before = random.get_rng_state().bytes.ToArray();
        Assert.Equal(validation.Loss(whole), validation.Loss(dropping));
        Assert.Equal(before, random.get_rng_state().bytes.ToArray());
        Assert.All(dropping.modules().Prepend(dropping), module => Assert.Equal(training, module.training));
        Assert.All(dropping.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void A_training_that_is_looked_at_goes_on_the_same()
    {
        var options = new TrainingOptions(new AdamW(), 1e-2, new Constant());
        using var quiet = Tiny.Model(dropout: 0.3);
        using var seen = Tiny.Model(dropout: 0.3);
        var validation = new Validation(new RandomExamples(4), 2, Tiny.Loss);
        using (var trainer = Tiny.Trainer(quiet, options)) Assert.Equal(8, trainer.Rest().Count());
        using (var trainer = Tiny.Trainer(seen, options))
            foreach (var _ in trainer.Rest()) validation.Loss(seen);
        Assert.Equal(Tiny.Values(quiet), Tiny.Values(seen));
    }
}
