using Allometry.Analysis;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Papers.Ligo;
using Allometry.Reports;
using Allometry.Reports.Sections;
using Allometry.Store;
using Allometry.Tests.Store;
using Allometry.Training;

namespace Allometry.Tests.Experiments;

/// <summary>A chain of shapes where the next starts from the last, from YAML to results.</summary>
public sealed class GrowStageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public GrowStageTests()
    {
        File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 200).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));
        File.WriteAllLines(Path.Combine(folder.Path, "rows.csv"), Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? $"sky {i},blue" : $"rose {i},red").Prepend("text,colour"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_shape_grows_from_the_grown_one_before_it_and_is_reported_apart()
    {
        var study = Run(Recipe("", "[pretrain, grow]"));
        StudyRun Of(string shape, string stage, string from = "") => study.Runs.Single(run => run.Shape == shape && run.Stage == stage && (stage == "grow" || run.From == from));

        Assert.All(study.Runs, run => Assert.Equal("done", run.State));
        Assert.Equal(["pretrain", "pretrain", "grow", "pretrain", "grow"], study.Runs.Where(run => !run.IsFineTuning).Select(run => run.Stage));
        // It computes what the smaller one computes, so its curve begins where that of the smaller one ended.
        Assert.Equal(Of("a", "pretrain").Result("validation-loss"), Of("b", "grow").Curves["validation-loss"][0].Value, 5);
        Assert.Equal(Of("b", "grow").Result("validation-loss"), Of("c", "grow").Curves["validation-loss"][0].Value, 5);
        Assert.Equal(2 * 3 - 1, study.Runs.Count(run => run.IsFineTuning));

        var shape = Findings.Of(study).Shapes.Single(one => one.Name == "b");
        Assert.Equal(Of("b", "pretrain").Result("validation-loss"), shape.Loss!.Mean);
        Assert.Equal(Of("b", "fine-tune", "pretrain").Result("colour/accuracy"), shape.Scores.Quality!.Mean);
        var table = Assert.IsType<Table>(Assert.Single(new GrownSection().Of(Findings.Of(study))!.Blocks));
        Assert.Equal(["b", "c"], table.Rows.Select(row => row[0].Value));
        Assert.Equal([Of("b", "grow").Curves["validation-loss"][0].Value, Of("b", "grow").Result("validation-loss"), shape.Loss.Mean], table.Rows[0].Skip(2).Take(3).Select(cell => cell.Value));
        Assert.Equal([Of("b", "fine-tune", "grow").Result("colour/accuracy"), shape.Scores.Quality.Mean], table.Rows[0].Skip(7).Select(cell => cell.Value));

        // On the frontier a grown model stands beside the shapes trained from scratch, and costs its whole chain.
        Assert.Equal(["a", "b", "c"], Findings.Of(study).Shapes.Select(one => one.Name));
        var all = Findings.Of(study.WithGrown());
        Assert.Equal(["a", "b", "c", "b grown by function-preserving", "c grown by function-preserving"], all.Shapes.Select(one => one.Name));
        StudyRun[] chain = [Of("a", "pretrain"), Of("b", "grow"), Of("c", "grow")];
        Assert.Equal(chain.Sum(run => run.Facts.TrainingFlops), all.Shapes[^1].Facts.TrainingFlops);
        Assert.Equal(chain.Sum(run => run.MeasuredSeconds!.Value), all.Shapes[^1].Clock.Seconds!.Mean, 9);
        Assert.Equal((Of("c", "grow").Result("validation-loss"), Of("c", "fine-tune", "grow").Result("colour/accuracy")), (all.Shapes[^1].Loss!.Mean, all.Shapes[^1].Scores.Quality!.Mean));
        var standing = Assert.IsType<Table>(new FrontierSection().Of(Findings.Of(study))!.Blocks[0]);
        Assert.Contains("c grown by function-preserving", standing.Rows.Select(row => row[0].Value));
    }

    [Fact]
    public void Shapes_that_are_grown_instead_are_trained_from_scratch_in_a_naive_plan_alone()
    {
        var recipe = Recipe(", instead: true", "");
        Assert.Equal(["a pretrain", "a fine-tune from pretrain", "b grow from function-preserving", "b fine-tune from grow", "c grow from function-preserving", "c fine-tune from grow"], Plan(recipe, naive: false).Select(Words));
        Assert.Equal(["a pretrain", "a fine-tune from pretrain", "b pretrain", "b fine-tune from pretrain", "c pretrain", "c fine-tune from pretrain"], Plan(recipe, naive: true).Select(Words));

        static string Words(PlannedRun run) => run.From.Length > 0 ? $"{run.Shape} {run.Stage} from {run.From}" : $"{run.Shape} {run.Stage}";
    }

    [Fact]
    public void A_chain_of_one_growth_may_have_a_stage_for_each_shape_beside_growths_of_the_last_alone()
    {
        PretrainStage Training(int steps) => new(new SpanCorruption(), new(Steps: steps), InputLength: 32) { Batch = 4 };
        var recipe = Recipe("", "");
        GrowStage[] chain = [new(new FunctionPreserving(), Training(3)) { Only = ["b"] }, new(new FunctionPreserving(), Training(6)) { Only = ["c"] }];
        var both = recipe with { Protocol = [recipe.Protocol[0], .. chain, new GrowStage(new DirectCopy(), Training(6)) { Only = ["c"] }] };

        var runs = Plan(both, naive: false).ToList();
        Assert.Equal(["a pretrain 12", "b pretrain 12", "b grow 3", "c pretrain 12", "c grow 6", "c grow 6"], runs.Select(run => $"{run.Shape} {run.Stage} {run.Workload.Steps}"));
        Assert.Equal([runs[0].Id, runs[2].Id, runs[1].Id], runs.Where(run => run.Stage == "grow").Select(run => Assert.Single(run.Run.Needs)));

        var twice = both with { Protocol = [.. both.Protocol, chain[1] with { Only = null }] };
        Assert.Contains("two stages grow a shape by 'function-preserving'", Assert.Throws<InputException>(() => Small.Materials(twice, folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_cannot_grow_are_told_before_anything_is_spent()
    {
        var recipe = Recipe("", "");
        var wrong = Assert.Throws<InputException>(() => Small.Materials(recipe with { Shapes = [.. recipe.Shapes.Reverse()] }, folder.Path));
        Assert.Contains(wrong.Problems, problem => problem.What.Contains("smaller model-width", StringComparison.Ordinal));
    }

    [Fact]
    public void Shapes_that_differ_in_nothing_the_architecture_has_do_not_grow()
    {
        var recipe = Recipe("", "") with { Architecture = new DecoderOnly() };
        var same = recipe with { Shapes = [recipe.Shapes[0], recipe.Shapes[0] with { Name = "b", EncoderLayers = 3 }] };
        Assert.Contains(Assert.Throws<InputException>(() => Small.Materials(same, folder.Path)).Problems, problem => problem.What.Contains("has the same weights as", StringComparison.Ordinal));
    }

    private static Recipe Recipe(string instead, string from) => Reader.Read<Recipe>(
        $$"""
        name: grown
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: text.txt, held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: 24, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 1 }
          - { name: c, model-width: 24, feed-forward-width: 48, head-width: 8, heads: 3, encoder-layers: 2, decoder-layers: 2 }
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 32, batch: 4, learning-rate: 0.03, schedule: constant, validation-batches: 2, budget: { steps: 12 } }
          - kind: grow
            growth: function-preserving{{(instead.Length > 0 ? "\n    instead: true" : "")}}
            training: { objective: span-corruption, input-length: 32, batch: 4, learning-rate: 0.01, schedule: constant, validation-batches: 2, budget: { steps: 6 } }
          - { kind: fine-tune{{(from.Length > 0 ? $", from: {from}" : "")}}, budget: { steps: 2 }, batch: 4, tasks: { name: colour, files: { train: rows.csv, test: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: accuracy, input-length: 16, target-length: 6 } }
        threads: 1
        """, "recipe.yaml");

    private IReadOnlyList<PlannedRun> Plan(Recipe recipe, bool naive)
    {
        var materials = Small.Materials(recipe, folder.Path);
        return recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf, naive).Runs;
    }

    private Study Run(Recipe recipe)
    {
        using var store = StudyStore.Open(Path.Combine(folder.Path, "store"));
        new Runner(new(recipe, Plan(recipe, naive: false)), store, new Local(), new Desk(Small.Materials(recipe, folder.Path), new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default)).Run();
        return StudyReader.Read(store);
    }
}
