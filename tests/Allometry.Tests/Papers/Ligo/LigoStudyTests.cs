using Allometry.Analysis;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Ligo;
using Allometry.Store;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;
using Allometry.Training;

namespace Allometry.Tests.Papers.Ligo;

/// <summary>A growth that learns, as a stage of a recipe: what it costs, and what a kill leaves of it.</summary>
public sealed class LigoStudyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public LigoStudyTests() => File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 200).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("ligo, steps: 6", "3", "learn")]
    [InlineData("ligo, steps: 6", "3", "train")]
    [InlineData("top-layers, steps: 6", "2", "learn")]
    public void A_growth_that_is_killed_ends_in_the_same_bits_as_one_that_is_not(string growth, string layers, string when)
    {
        var recipe = Recipe($"{{ kind: {growth} }}", growth.StartsWith("ligo", StringComparison.Ordinal) ? 24 : 16, layers);
        var whole = Model(recipe, "whole", new NoWatcher());
        var killer = new Killer(when == "learn");
        Assert.ThrowsAny<Exception>(() => Model(recipe, "killed", killer));
        Assert.True(killer.Struck);
        Assert.Equal(whole, Model(recipe, "killed", new NoWatcher()));
    }

    [Fact]
    public void What_growing_takes_is_part_of_what_the_grown_model_costs()
    {
        var recipe = Recipe("{ kind: ligo, steps: 6 }", 24, "3");
        var runs = Runs(recipe);
        var (scratch, grown) = (runs.Single(run => run is { Stage: "pretrain", Shape: "b" }), runs.Single(run => run.Stage == "grow"));
        var (architecture, small, large) = (recipe.Architecture, runs[0].Run.Shape, grown.Run.Shape);
        var lengths = recipe.Protocol.OfType<PretrainStage>().Single().Objective.Lengths(32);
        var step = architecture.Count(large, new(4, lengths.Inputs, lengths.Targets));
        Assert.Equal(new LigoGrowth { Steps = 6 }.Count(architecture, small, large, step).Flops, grown.Workload.Extras.PreparationFlops);
        Assert.Equal(grown.Workload.Steps * grown.Workload.StepFlops + grown.Workload.Extras.PreparationFlops, grown.Workload.TrainingFlops);
        Assert.True(grown.Workload.TrainingFlops > scratch.Workload.TrainingFlops / scratch.Workload.Steps * (grown.Workload.Steps + 6));
        Assert.Equal(0, scratch.Workload.Extras.PreparationFlops);

        var free = Runs(Recipe("{ kind: ligo, steps: 0 }", 24, "3")).Single(run => run.Stage == "grow");
        Assert.True(Pace.Assumed(1).Seconds(grown) > Pace.Assumed(1).Seconds(free));
        // Without steps the weights are made once.
        var make = free.Workload.Extras.PreparationFlops;
        Assert.Equal((6 * (grown.Workload.StepFlops + (3 * make))) + make, grown.Workload.Extras.PreparationFlops, 1);
    }

    [Fact]
    public void Frozen_layers_cost_their_forward_pass_alone()
    {
        var (architecture, small) = (new EncoderDecoder(), new Shape(16, 32, 4, 2, 2, 2, 64));
        var large = small with { DecoderLayers = 4 };
        var step = architecture.Count(large, new(4, 20, 8));
        var half = step.At("decoder.layers.2")!.ForwardFlops + step.At("decoder.layers.3")!.ForwardFlops;
        Assert.Equal(10 * (step.ForwardFlops + 2 * half + step.Own.ForwardFlops), new TopLayers(Steps: 10).Count(architecture, small, large, step).Flops, 3);
        // A gradient reaches new layers of the encoder through all of the decoder.
        var deeper = large with { EncoderLayers = 3, DecoderLayers = 2 };
        step = architecture.Count(deeper, new(4, 20, 8));
        Assert.Equal(step.ForwardFlops + 2 * step.At("encoder.layers.2")!.ForwardFlops + step.At("decoder")!.ForwardFlops + step.Own.ForwardFlops, new TopLayers(Steps: 1).Count(architecture, small, deeper, step).Flops, 3);
    }

    [Theory]
    [InlineData("{ kind: ligo }", ", horizons: [{ steps: 3 }]", "one length")]
    [InlineData("{ kind: ligo }", ", tuning: { rates: [0.01, 0.02, 0.04], shapes: [{ model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }] }", "not tuned")]
    [InlineData("{ kind: ligo }", ", objective: { kind: metro }", "one of its own")]
    public void What_a_grow_stage_cannot_do_is_told_by_name(string growth, string training, string words)
    {
        var wrong = Assert.Throws<InputException>(() => Small.Materials(Recipe(growth, 24, "3", training), folder.Path));
        Assert.Contains(wrong.Problems, problem => $"{problem.What} {problem.Mend}".Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Several_operators_grow_from_the_same_model_each_by_itself()
    {
        var recipe = Recipe("{ kind: ligo, steps: 2 }", 24, "3");
        var both = recipe with
        {
            Shapes = [.. recipe.Shapes, recipe.Shapes[1] with { Name = "c", Heads = 3 }],
            Protocol = [.. recipe.Protocol, Assert.IsType<GrowStage>(recipe.Protocol[^1]) with { Growth = new DirectCopy() }],
        };
        var runs = Runs(both);
        PlannedRun Of(string shape, string from) => runs.Single(run => run.Shape == shape && run.From == from);
        Assert.Equal(2, runs.Count(run => run.Stage == "grow" && run.Needs.Single() == runs.Single(small => small is { Shape: "a", Stage: "pretrain" }).Id));
        Assert.Equal(Of("b", "ligo, steps 2").Id, Of("c", "ligo, steps 2").Needs.Single());
        Assert.Equal(Of("b", "direct-copy").Id, Of("c", "direct-copy").Needs.Single());
        var twice = both with { Protocol = [.. both.Protocol, both.Protocol[^1]] };
        Assert.Contains(Assert.Throws<InputException>(() => Small.Materials(twice, folder.Path)).Problems, problem => problem.What.Contains("'direct-copy'", StringComparison.Ordinal));
    }

    [Fact]
    public void Operators_that_differ_in_a_member_alone_stay_apart_in_a_report()
    {
        var recipe = Recipe("{ kind: direct-copy, depth: stacking }", 24, "3");
        var both = recipe with { Protocol = [.. recipe.Protocol, Assert.IsType<GrowStage>(recipe.Protocol[^1]) with { Growth = new DirectCopy { Depth = new Interpolation() } }] };
        using var store = StudyStore.Open(Path.Combine(folder.Path, "apart"));
        Run(both, store, new NoWatcher());
        var study = StudyReader.Read(store);
        Assert.Equal(["direct-copy, depth interpolation", "direct-copy, depth stacking"], study.Runs.Where(run => run.Stage == StudyRun.Grown).Select(run => run.From).Order(StringComparer.Ordinal));
        Assert.Equal(["a", "b", "b grown by direct-copy, depth interpolation", "b grown by direct-copy, depth stacking"], study.WithGrown().Runs.Where(run => run.Stage == StudyRun.Pretraining).Select(run => run.Name).Order(StringComparer.Ordinal));
    }

    private IReadOnlyList<PlannedRun> Runs(Recipe recipe)
    {
        var materials = Small.Materials(recipe, folder.Path);
        return recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf).Runs;
    }

    private void Run(Recipe recipe, StudyStore store, Watcher watcher)
    {
        var materials = Small.Materials(recipe, folder.Path);
        var plan = recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        var outcome = new Runner(plan, store, new Local(), new Desk(materials, watcher, new RunnerOptions(TimeSpan.Zero), default)).Run();
        if (!outcome.Complete) throw new InvalidOperationException(outcome.NotDone[0].Reason);
    }

    private byte[] Model(Recipe recipe, string name, Watcher watcher)
    {
        using var store = StudyStore.Open(Path.Combine(folder.Path, name));
        Run(recipe, store, watcher);
        var grown = StudyReader.Read(store).Runs.Single(run => run.Stage == StudyRun.Grown);
        Assert.True(grown.Result("preparation-loss/last") > 0 && grown.Result("preparation-loss/first") > 0);
        Assert.False(Directory.Exists(Path.Combine(store.ArtifactsOf(grown.Id), "preceding")));
        return File.ReadAllBytes(Path.Combine(store.ArtifactsOf(grown.Id), "model", "model.safetensors"));
    }

    private static Recipe Recipe(string growth, int width, string layers, string training = "") => Reader.Read<Recipe>(
        $$"""
        name: grown
        architecture: { kind: encoder-decoder, dropout: 0.1 }
        vocabulary: bytes
        corpus: { files: text.txt, held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: {{width}}, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: {{layers}}, decoder-layers: 1 }
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 32, batch: 4, learning-rate: 0.03, schedule: constant, validation-batches: 2, budget: { steps: 6 } }
          - kind: grow
            growth: {{growth}}
            training: { {{(training.Contains("objective", StringComparison.Ordinal) ? training.TrimStart(',', ' ') : "objective: span-corruption" + training)}}, input-length: 32, batch: 4, learning-rate: 0.01, schedule: constant, validation-batches: 2, budget: { steps: 6 } }
        threads: 1
        """, "recipe.yaml");

    /// <summary>Ends the attempt at a grown model in the middle, without another checkpoint.</summary>
    private sealed class Killer(bool whileLearning) : Watcher
    {
        public bool Struck { get; private set; }

        public override void Doing(PlannedRun run, string what, double share)
        {
            if (whileLearning && run.Stage == "grow" && what == "learning how to grow" && share > 0.5) Strike();
        }

        public override void Stepped(PlannedRun run, RunProgress progress)
        {
            if (!whileLearning && run.Stage == "grow" && progress.Step >= 4) Strike();
        }

        private void Strike()
        {
            Struck = true;
            throw new RunFailedException("test", "killed", "run it again");
        }
    }
}
