using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Store;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class ResumeTests : IDisposable
{
    /// <summary>Large enough that its products are shared among threads.</summary>
    private static readonly Shape Wide = new(64, 256, 16, 4, 1, 1, 512, "wide-test");

    private readonly TemporaryFolder temporary = new();
    private readonly int threads = get_num_threads();

    private string Folder => System.IO.Path.Combine(temporary.Path, "state");

    public static TheoryData<string, double, int, int> Ways => [.. from optimizer in (string[])["adamw", "adafactor", "{ kind: adafactor, factored-from: 16, momentum: 0.9 }"]
                                                              from dropout in (double[])[0, 0.2]
                                                              from threads in (int[])[1, 2]
                                                              from saved in (int[])[1, 5]
                                                              select new TheoryDataRow<string, double, int, int>(optimizer, dropout, threads, saved)];

    public void Dispose()
    {
        set_num_threads(threads);
        temporary.Dispose();
    }

    [Theory, MemberData(nameof(Ways))]
    public void What_is_resumed_ends_in_the_same_bits(string optimizer, double dropout, int threads, int saved)
    {
        set_num_threads(threads);
        var options = new TrainingOptions(Reader.Read<Optimizer>(optimizer, "test"), 1e-2, new WarmupCosine(), Clip: 1);
        using var whole = Tiny.Model(dropout, shape: Wide);
        using var undisturbed = Tiny.Trainer(whole, options);
        var expected = undisturbed.Rest().Select(step => step.Loss).ToList();

        using var half = Tiny.Model(dropout, shape: Wide);
        using var first = Tiny.Trainer(half, options);
        var losses = first.Rest().Take(saved).Select(step => step.Loss).ToList();
        first.Save(Folder);

        using var other = Tiny.Model(dropout, seed: 1234, shape: Wide);        // other weights, and another place in the random numbers
        using var second = Tiny.Trainer(other, options);
        second.Load(Folder);
        Assert.Equal(saved, second.Done);
        losses.AddRange(second.Rest().Select(step => step.Loss));
        Assert.Equal(expected, losses);
        Assert.Equal(Tiny.Values(whole), Tiny.Values(other));
    }

    [Fact]
    public void Saving_changes_nothing_in_what_follows()
    {
        using var quiet = Tiny.Model(dropout: 0.2);
        using var saving = Tiny.Model(dropout: 0.2);
        using (var trainer = Tiny.Trainer(quiet, Options())) Assert.Equal(8, trainer.Rest().Count());
        using (var trainer = Tiny.Trainer(saving, Options()))
            foreach (var _ in trainer.Rest()) trainer.Save(Folder);
        Assert.Equal(Tiny.Values(quiet), Tiny.Values(saving));
    }

    [Fact]
    public void Numbers_that_others_draw_change_nothing()
    {
        using var quiet = Tiny.Model(dropout: 0.2);
        using (var trainer = Tiny.Trainer(quiet, Options())) Assert.Equal(8, trainer.Rest().Count());

        using var disturbed = Tiny.Model(dropout: 0.2);
        using (var trainer = Tiny.Trainer(disturbed, Options()))
        {
            Draw();
            foreach (var _ in trainer.Rest()) Draw();
        }

        Assert.Equal(Tiny.Values(quiet), Tiny.Values(disturbed));
    }

    [Theory]
    [InlineData(0)] // before the first step
    [InlineData(3)]
    public void What_is_saved_right_after_loading_and_what_others_drew_in_between_is_the_same_training(int done)
    {
        using var whole = Tiny.Model(dropout: 0.2);
        using (var trainer = Tiny.Trainer(whole, Options())) Assert.Equal(8, trainer.Rest().Count());

        using var model = Tiny.Model(dropout: 0.2);
        using (var trainer = Tiny.Trainer(model, Options()))
        {
            Assert.Equal(done, trainer.Rest().Take(done).Count());
            Draw();
            trainer.Save(Folder);
        }

        using var again = Tiny.Model(dropout: 0.2, seed: 99);
        using (var trainer = Tiny.Trainer(again, Options()))
        {
            trainer.Load(Folder);
            Draw();
            trainer.Save(Folder);
        }

        using var last = Tiny.Model(dropout: 0.2, seed: 100);
        using (var trainer = Tiny.Trainer(last, Options()))
        {
            trainer.Load(Folder);
            Draw();
            Assert.Equal(8 - done, trainer.Rest().Count());
        }

        Assert.Equal(Tiny.Values(whole), Tiny.Values(last));
    }

    private static void Draw() => rand(1000).Dispose();

    [Fact]
    public void A_saved_model_is_loaded_as_it_was()
    {
        using var model = Tiny.Model(dropout: 0.25);
        Checkpoint.Save(model, Folder);
        using var loaded = Checkpoint.Load(Folder);
        Assert.Equal(Canonical.Json(new ModelDescription(model.Architecture, model.Shape)), Canonical.Json(Checkpoint.Describe(Folder)));
        Assert.Equal(model.named_parameters().Select(pair => pair.name), loaded.named_parameters().Select(pair => pair.name));
        Assert.Equal(Tiny.Values(model), Tiny.Values(loaded));
    }

    [Fact]
    public void The_state_of_another_shape_is_refused_with_every_difference()
    {
        Save(Tiny.Model(), Options());
        using var model = Tiny.Model(shape: Tiny.Shape with { FeedForwardWidth = 48, DecoderLayers = 2 });
        var problems = Refused(model, Options());
        Assert.Contains(problems, problem => problem.What.Contains("'encoder.layers.0.sublayers.1.mixer.input.weight' is", StringComparison.Ordinal) && problem.What.Contains("[32, 16] instead of", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.What == "tensor 'decoder.layers.1.sublayers.0.mixer.query.weight' is missing");
        Assert.Contains(problems, problem => problem.What.Contains("\"feed-forward-width\":48", StringComparison.Ordinal));
    }

    [Fact]
    public void The_state_of_a_model_that_computes_otherwise_is_refused_though_its_tensors_fit()
    {
        Save(Tiny.Model(), Options());
        using var model = new EncoderDecoder { FeedForward = new DenseFeedForward { Activation = new Gelu() } }.Build(Tiny.Shape);
        Assert.Contains("gelu", Assert.Single(Refused(model, Options())).What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_state_of_another_optimiser_is_refused_with_every_difference()
    {
        Save(Tiny.Model(), Options());
        using var model = Tiny.Model();
        var problems = Refused(model, Options() with { Optimizer = new Adafactor() });
        Assert.Contains(problems, problem => problem.What == "tensor 'embedding.weight.square.0' is missing");
        Assert.Contains(problems, problem => problem.What == "tensor 'embedding.weight.mean' does not belong there");
        Assert.Equal(3 * model.parameters().Count(), problems.Count);
    }

    [Fact]
    public void The_state_of_another_seed_is_refused()
    {
        Save(Tiny.Model(), Options());
        using var model = Tiny.Model();
        Assert.Equal("is the training of seed 1, not 2", Assert.Single(Refused(model, Options(), seed: 2)).What);
    }

    [Fact]
    public void A_seed_below_zero_is_a_seed()
    {
        using var model = Tiny.Model();
        using var trainer = Tiny.Trainer(model, Options(), seed: -3);
        trainer.Save(Folder);
        trainer.Load(Folder);
    }

    [Theory]
    [InlineData("training.safetensors")]
    [InlineData("model.safetensors")]
    [InlineData("model.json")]
    public void A_state_cut_short_anywhere_or_gone_is_refused_and_changes_nothing(string file)
    {
        Save(Tiny.Model(), Options());
        var path = System.IO.Path.Combine(Folder, file);
        var whole = File.ReadAllBytes(path);
        using var model = Tiny.Model(seed: 5);
        foreach (var length in (int[])[whole.Length - 1, whole.Length / 2, 20, 8, 7, 0])
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.All(Refused(model, Options()), problem => Assert.StartsWith(path, problem.Where, StringComparison.Ordinal));
        }
        File.Delete(path);
        Assert.Equal(path, Assert.Single(Refused(model, Options())).Where);
    }

    private static TrainingOptions Options() => new(new AdamW(), 1e-2, new Constant());

    private void Save(LanguageModel model, TrainingOptions options)
    {
        using (model)
        using (var trainer = Tiny.Trainer(model, options))
        {
            trainer.Rest().Take(2).Count();
            trainer.Save(Folder);
        }
    }

    /// <summary>The problems for which the folder is refused; neither the model nor the training has changed.</summary>
    private IReadOnlyList<Problem> Refused(LanguageModel model, TrainingOptions options, long seed = 1)
    {
        using var trainer = Tiny.Trainer(model, options, seed: seed);
        var before = Tiny.Values(model);
        var problems = Assert.Throws<InputException>(() => trainer.Load(Folder)).Problems;
        Assert.Equal(before, Tiny.Values(model));
        Assert.Equal(0, trainer.Done);
        return problems;
    }
}
