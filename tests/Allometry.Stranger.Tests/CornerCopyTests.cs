using Allometry.Analysis;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Store;
using Allometry.Training;

namespace Allometry.Stranger.Tests;

/// <summary>A growth operator from outside, by its name in a recipe.</summary>
public sealed class CornerCopyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-stranger-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_shape_grows_by_a_strangers_operator_from_the_shape_before_it()
    {
        File.WriteAllLines(Path.Combine(folder, "text.txt"), Enumerable.Range(0, 60).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));
        var study = Run(Strangers.Read<Recipe>(
            """
            name: grown
            architecture: encoder-decoder
            vocabulary: bytes
            corpus: { files: [text.txt], held-out: 0.2 }
            shapes: [hut, { kind: hut, name: house, model-width: 48 }]
            protocol:
              - { kind: pretrain, objective: deshuffling, input-length: 32, batch: 8, learning-rate: 0.03, budget: { steps: 10 } }
              - { kind: grow, growth: corner-copy, training: { objective: deshuffling, input-length: 32, batch: 8, learning-rate: 0.03, budget: { steps: 10 } } }
            threads: 1
            """));

        Assert.Equal(["hut pretrain done", "house pretrain done", "house grow done"], study.Runs.Select(run => $"{run.Shape} {run.Stage} {run.State}"));
        // What is copied into a corner is no model yet, but nearer to one than chance is.
        Assert.True(study.Runs[2].Curves["validation-loss"][0].Value > study.Runs[0].Result("validation-loss"));
        Assert.True(study.Runs[2].Curves["loss"][0].Value < study.Runs[1].Curves["loss"][0].Value);
    }

    [Fact]
    public void A_strangers_operator_is_in_the_catalogue() => Assert.IsType<CornerCopy>(Strangers.Read<Growth>("corner-copy"));

    private Study Run(Recipe recipe)
    {
        var materials = Materials.Open(recipe, folder, folder, new NoWatcher());
        var plan = recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        using var store = StudyStore.Open(Path.Combine(folder, "store"));
        new Runner(plan, store, new Local(), new Desk(materials, new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default)).Run();
        return StudyReader.Read(store);
    }
}
