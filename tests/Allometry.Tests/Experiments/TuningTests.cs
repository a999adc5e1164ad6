using Allometry.Analysis;
using Allometry.Analysis.Transfer;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Store;
using Allometry.Tests.Store;

namespace Allometry.Tests.Experiments;

/// <summary>A learning rate that small shapes have found, from YAML to the runs that train with it.</summary>
public sealed class TuningTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TuningTests() => File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 200).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_trains_with_the_rate_that_the_rule_carries_to_its_width()
    {
        var recipe = Recipe("[0.003, 0.01, 0.03]");
        var (outcome, study) = Run(recipe);
        Assert.True(outcome.Complete);
        var tries = study.Runs.Where(run => run.Stage == StudyRun.Sweep).ToList();
        Assert.Equal((6, 2), (tries.Count, study.Runs.Count - tries.Count));
        Assert.Equal(["a", "b"], study.Shapes());

        var found = tries.GroupBy(run => run.Shape).Select(shape => new BestSetting(shape.First().Facts.Dimensions["model-width"], Optimum.Of(shape.Select((run, i) => (new[] { 0.003, 0.01, 0.03 }[i], run.Result("validation-loss"))))!.Value)).ToList();
        Assert.Equal([8, 16], found.Select(one => one.Width));
        Assert.All(study.Runs.Except(tries), run => Assert.Equal(new PowerOfWidth().For(found, run.Facts.Dimensions["model-width"]), run.Result("learning-rate"), 12));

        // The same training with that rate given ends in the same loss.
        var rate = study.Runs[^1].Result("learning-rate");
        var given = Recipe("[0.003, 0.01, 0.03]") is var tuned ? tuned with { Protocol = [(PretrainStage)tuned.Protocol[0] with { Tuning = null, LearningRate = rate }] } : null!;
        Assert.Equal(study.Runs[^1].Result("validation-loss"), Run(given, "given").Study.Runs[^1].Result("validation-loss"));
    }

    [Fact]
    public void A_rate_at_which_training_diverges_counts_as_the_worst_and_stops_nobody()
    {
        var (outcome, study) = Run(Recipe("[0.01, 0.03, 1e30]"));
        Assert.Empty(outcome.NotDone);
        Assert.Contains(study.Runs, run => run is { Stage: StudyRun.Sweep, State: "failed" });
        Assert.All(study.Runs.Where(run => run.Stage != StudyRun.Sweep), run => Assert.InRange(run.Result("learning-rate"), 0.001, 0.2));
        Assert.Equal(0, Run(Recipe("[0.01, 0.03, 1e30]")).Outcome.Executed);
    }

    // In eight steps a model learns the more the higher the rate, as far as these go; at 1e30 it diverges.
    [Theory]
    [InlineData("[0.00001, 0.0001, 0.001]", true)]
    [InlineData("[0.00001, 0.001, 1e30]", false)]
    public void A_best_rate_at_the_edge_of_the_sweep_is_warned_of(string rates, bool warned)
    {
        var report = Report.From(Run(Recipe(rates)).Study);
        Assert.Equal(warned, report.Answer.Any(text => text.Contains("s and t did best with the highest", StringComparison.Ordinal) || text.Contains("s did best with the highest of the rates that were tried and t did", StringComparison.Ordinal)));
        var table = report.Tables.Single(table => table.Name == "learning-rates");
        Assert.Equal(["s", "t"], table.Rows.Select(row => row[0].Text));
        Assert.All(table.Rows, row => Assert.Equal(warned ? "yes" : "no", row[^1].Text));
    }

    [Fact]
    public void A_naive_plan_tries_the_rates_on_every_shape_itself()
    {
        var plan = Plan(Recipe("[0.003, 0.01, 0.03]"), naive: true);
        Assert.Equal(["a", "a", "a", "b", "b", "b"], plan.Runs.Where(run => run.Stage == StudyRun.Sweep).Select(run => run.Shape));
        Assert.All(plan.Runs.Where(run => run.Stage == "pretrain"), run => Assert.Equal(plan.Runs.Where(other => other.Stage == StudyRun.Sweep && other.Shape == run.Shape).Select(other => other.Id), run.Needs));
    }

    [Fact]
    public void Another_sweep_makes_another_run_and_none_leaves_it_as_it_was()
    {
        string Id(Recipe recipe) => Plan(recipe, naive: false).Runs[^1].Id;
        var recipe = Recipe("[0.003, 0.01, 0.03]");
        var stage = (PretrainStage)recipe.Protocol[0];
        string[] ids = [Id(recipe), Id(Recipe("[0.003, 0.01, 0.04]")), Id(recipe with { Protocol = [stage with { Tuning = stage.Tuning! with { Rule = new PowerOfWidth(-1) } }] }), Id(recipe with { Protocol = [stage with { Tuning = null }] })];
        Assert.Equal(4, ids.Distinct().Count());
        Assert.DoesNotContain("transferred", Canonical.Json(Plan(recipe with { Protocol = [stage with { Tuning = null }] }, naive: false).Runs[^1].Run), StringComparison.Ordinal);
    }

    private static Recipe Recipe(string rates) => Reader.Read<Recipe>(
        $$"""
        name: tuned
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: text.txt, held-out: 0.2 }
        shapes:
          - { name: a, model-width: 24, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: 32, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
        protocol:
          - kind: pretrain
            objective: span-corruption
            input-length: 32
            batch: 4
            optimizer: adamw
            schedule: { kind: warmup-stable-decay, warmup: 2 }
            validation-batches: 2
            budget: { steps: 12 }
            tuning:
              rates: {{rates}}
              budget: { steps: 8 }
              shapes:
                - { name: s, model-width: 8, feed-forward-width: 16, head-width: 8, heads: 1, encoder-layers: 1, decoder-layers: 1 }
                - { name: t, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
        threads: 1
        """, "recipe.yaml");

    private Plan Plan(Recipe recipe, bool naive)
    {
        var materials = Small.Materials(recipe, folder.Path);
        return recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf, naive);
    }

    private (StudyOutcome Outcome, Study Study) Run(Recipe recipe, string name = "store")
    {
        using var store = StudyStore.Open(Path.Combine(folder.Path, name));
        var outcome = new Runner(Plan(recipe, naive: false), store, new Local(), new Desk(Small.Materials(recipe, folder.Path), new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default)).Run();
        return (outcome, StudyReader.Read(store));
    }
}
