using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class AdaptationTests : IDisposable
{
    private static readonly Adaptation Patches = new(new Bottleneck(4), ["norm"]);

    private readonly string folder = Directory.CreateTempSubdirectory("allometry-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_patched_model_begins_as_the_model_was_to_the_last_bit()
    {
        using var scope = NewDisposeScope();
        using var model = Backbone();
        using var patched = Tuned(Patches);
        (model.Plain, patched.Plain) = (true, true);
        var (inputs, targets) = (randint(2, 64, [3, 9], int64), randint(2, 64, [3, 5], int64));
        Assert.Equal(model.Logits(inputs, null, targets).bytes, patched.Logits(inputs, null, targets).bytes);
    }

    [Theory]
    [InlineData(null, "norm")]
    [InlineData(4, "norm")]
    [InlineData(4, null)]
    [InlineData(null, "decoder.layers.0")]
    [InlineData(3, "embedding")]
    public void What_is_trained_moves_and_everything_else_keeps_its_bits(int? width, string? part)
    {
        using var scope = NewDisposeScope();
        var adaptation = new Adaptation(width is { } bottleneck ? new Bottleneck(bottleneck) : null, part is null ? null : [part]);
        using var model = Trained(adaptation, seed: 1);
        using var begun = Tuned(adaptation);
        var moved = model.named_parameters().Zip(begun.named_parameters()).Where(pair => !pair.First.parameter.bytes.SequenceEqual(pair.Second.parameter.bytes)).Select(pair => pair.First.name);
        Assert.Equal(model.named_parameters().Select(parameter => parameter.name).Where(adaptation.Trains).Order(), moved.Order());
        Assert.All(moved, name => Assert.True(name.Contains("patch") || (part is not null && name.Contains(part))));
    }

    [Fact]
    public void Two_tasks_share_a_backbone_and_keep_only_what_they_changed()
    {
        using var scope = NewDisposeScope();
        using (var model = Backbone()) Checkpoint.Save(model, At("backbone/model"));
        var size = new FileInfo(At("backbone/model/model.safetensors")).Length;
        var values = new List<float[]>();
        foreach (var seed in (long[])[1, 2])
        {
            using var model = Trained(Patches, seed);
            Checkpoint.SaveAdapted(model, Patches, At($"task{seed}/model"), "../../backbone/model");
            values.Add(Tiny.Values(model));
            Assert.InRange(new FileInfo(At($"task{seed}/model/model.safetensors")).Length, 1, size / 2);
        }

        foreach (var (seed, expected) in values.Index())
        {
            using var loaded = Checkpoint.Load(At($"task{seed + 1}/model"));
            Assert.Equal(expected, Tiny.Values(loaded));
        }

        Assert.NotEqual(values[0], values[1]);
    }

    [Fact]
    public void Without_its_backbone_or_with_another_one_a_task_is_refused()
    {
        using var scope = NewDisposeScope();
        using (var model = Backbone()) Checkpoint.Save(model, At("backbone/model"));
        using (var model = Trained(Patches, 1)) Checkpoint.SaveAdapted(model, Patches, At("task/model"), "../../backbone/model");
        using (var other = Tiny.Model(seed: 8)) Checkpoint.Save(other, At("backbone/model"));
        Assert.Contains("is not the model that", Assert.Throws<InputException>(() => Checkpoint.Load(At("task/model"))).Message);
        Directory.Delete(At("backbone"), recursive: true);
        Assert.Contains("holds only what a task changed", Assert.Throws<InputException>(() => Checkpoint.Load(At("task/model"))).Message);
    }

    [Fact]
    public void A_part_that_no_weight_is_in_and_a_tuning_of_nothing_are_told()
    {
        var architecture = new EncoderDecoder();
        var problem = Assert.Single(new Adaptation(new Bottleneck(4), ["norm", "haed"]).Problems("adapt", architecture with { Tied = false }, Tiny.Shape));
        Assert.Contains("haed", problem.What);
        Assert.Contains("head", problem.Mend);
        Assert.Single(new Adaptation().Problems("adapt", architecture, Tiny.Shape));
        Assert.Empty(new Adaptation(null, ["decoder.layers.0", "embedding"]).Problems("adapt", architecture, Tiny.Shape));
    }

    private string At(string path) => Path.Combine(folder, path);

    private static LanguageModel Backbone() => Tiny.Model(seed: 7);

    /// <summary>The backbone in the tuned architecture, its patch fresh.</summary>
    private LanguageModel Tuned(Adaptation adaptation)
    {
        var at = At($"begin-{Guid.NewGuid():N}");
        using (var model = Backbone()) Checkpoint.Save(model, at);
        manual_seed(3);
        var tuned = Checkpoint.Load(at, adaptation.Graft(new EncoderDecoder()));
        adaptation.Freeze(tuned);
        return tuned;
    }

    private LanguageModel Trained(Adaptation adaptation, long seed)
    {
        var model = Tuned(adaptation);
        using var trainer = Tiny.Trainer(model, new(new AdamW(), 1e-2, new Constant()), steps: 50, seed: seed, source: new RandomExamples(4 + (int)seed));
        Assert.Equal(50, trainer.Rest().Count());
        return model;
    }
}
