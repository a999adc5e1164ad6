using Allometry.Analysis;
using Allometry.Analysis.Stopping;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Tests.Store;

namespace Allometry.Tests.Experiments;

/// <summary>Runs that cannot win are stopped at their rungs, in the same way whenever the study is interrupted.</summary>
public sealed class ContestTests : IDisposable
{
    private static readonly string[] Clocks = ["seconds", "peak-memory", "tokens-per-second", "examples-per-second"];

    private readonly TemporaryFolder folder = new();

    public ContestTests()
    {
        File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 200).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));
        File.WriteAllLines(Path.Combine(folder.Path, "rows.csv"), Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? $"sky {i},blue" : $"rose {i},red").Prepend("text,colour"));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(", horizons: { steps: 12 }")]
    public void Half_of_the_shapes_go_on_at_each_rung_and_what_is_stopped_keeps_what_it_measured(string horizons)
    {
        var recipe = Recipe(horizons);
        var (outcome, study) = Run(recipe, "cheap");

        Assert.Empty(outcome.NotDone);
        Assert.True(outcome.Complete);
        var trained = study.Runs.Where(run => run.Stage == StudyRun.Pretraining).ToLookup(run => run.State);
        Assert.Equal((1, 3), (trained["done"].Count(), trained["stopped"].Count()));
        Assert.All(study.Runs.Where(run => run.Stage == StudyRun.FineTuning), run => Assert.Equal(trained["done"].Any(done => done.Shape == run.Shape) ? "done" : "stopped", run.State));
        Assert.All(trained["stopped"], run => Assert.Matches("not among the [12] of [24] shapes", run.Reason));
        Assert.All(study.Runs.Where(run => run.IsStopped && run.Stage == (horizons.Length > 0 ? StudyRun.Trunk : StudyRun.Pretraining)), run => Assert.Contains(run.Curves["loss"][^1].Step, (long[])[10, 16]));
        if (horizons.Length > 0) Assert.All(study.Runs.Where(run => run.Stage == StudyRun.Horizon), run => Assert.Equal("done", run.State)); // its steps were made before the first rung
    }

    [Fact]
    public void A_stopped_run_is_not_tried_again_and_goes_on_where_nothing_is_spared()
    {
        var recipe = Recipe("");
        Run(recipe, "cheap");
        var (again, _) = Run(recipe, "cheap");
        var (naive, study) = Run(recipe, "cheap", naive: true);
        var (_, undisturbed) = Run(recipe, "naive", naive: true);

        Assert.Equal((0, 6), (again.Executed, again.Stopped.Count));
        Assert.Equal((6, 8), (naive.Executed, naive.Done));
        Assert.All(undisturbed.Runs, run => Assert.Equal(Results("naive", run.Id), Results("cheap", run.Id)));
        Assert.All(study.Runs, run => Assert.Equal("done", run.State));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", horizons: { steps: 12 }")]
    public void Interrupted_at_any_moment_a_study_is_decided_as_an_undisturbed_one(string horizons)
    {
        var recipe = Recipe(horizons);
        var (_, undisturbed) = Run(recipe, "undisturbed");
        for (var steps = 3; ; steps += 17)
        {
            try
            {
                Run(recipe, "disturbed", after: steps);
                break;
            }
            catch (OperationCanceledException) { }
        }

        using var store = StudyStore.Read(Path.Combine(folder.Path, "disturbed"));
        Assert.All(undisturbed.Runs, run => Assert.Equal((run.Id, run.State, run.Reason), StudyReader.Read(store).Runs.Where(other => other.Id == run.Id).Select(other => (other.Id, other.State, other.Reason)).Single()));
        Assert.All(undisturbed.Runs, run => Assert.Equal(Results("undisturbed", run.Id), Results("disturbed", run.Id)));
    }

    [Fact]
    public void The_pace_of_a_machine_decides_nothing()
    {
        var recipe = Recipe("") with { Compare = new(Cost: ["seconds", "seconds-per-million-tokens"]), Stopping = new DearestFirst { Rungs = [0.3] } };
        string[] Ends(string name, Pace pace) => [.. Run(recipe, name, pace: pace).Study.Runs.Select(run => $"{run.Id} {run.State} {run.Reason}")];
        var slow = Ends("slow", new(1, 1, LayerSeconds: 1));
        Assert.Contains(slow, run => run.Contains("takes", StringComparison.Ordinal));
        Assert.Equal(slow, Ends("fast", new(1e30, 1e30, LayerSeconds: 0)));
    }

    [Fact]
    public void A_rule_that_has_nothing_to_decide_by_is_refused_before_anything_is_spent()
    {
        var recipe = Recipe("") with { Stopping = Reader.Read<Recipe>(Yaml("").Replace("successive-halving", "extrapolation", StringComparison.Ordinal), "recipe.yaml").Stopping };
        var problems = Contest.Problems(Plan(recipe, naive: false)).Select(problem => problem.Where).ToList();
        Assert.Equal(["stopping: rungs", "stopping: pilots"], problems);
        Assert.Empty(Contest.Problems(Plan(Recipe(""), naive: false)));
    }

    private static Recipe Recipe(string horizons) => Reader.Read<Recipe>(Yaml(horizons), "recipe.yaml");

    private static string Yaml(string horizons) =>
        $$"""
        name: contest
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: text.txt, held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: 24, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: c, model-width: 16, feed-forward-width: 64, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: d, model-width: 24, feed-forward-width: 64, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 2 }
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 32, batch: 4, learning-rate: 0.03, schedule: { kind: warmup-stable-decay, warmup: 3 }, validation-batches: 2, validate-every: 4, budget: { steps: 32 }{{horizons}} }
          - { kind: fine-tune, budget: { steps: 2 }, batch: 4, tasks: { name: colour, files: { train: rows.csv, test: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: accuracy, input-length: 16, target-length: 6 } }
        stopping: { kind: successive-halving, rungs: [0.3, 0.5] }
        threads: 1
        """;

    private Plan Plan(Recipe recipe, bool naive)
    {
        var materials = Small.Materials(recipe, folder.Path);
        return recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf, naive);
    }

    private (StudyOutcome Outcome, Study Study) Run(Recipe recipe, string name, bool naive = false, int after = int.MaxValue, Pace? pace = null)
    {
        using var store = StudyStore.Open(Path.Combine(folder.Path, name));
        using var stop = new CancellationTokenSource();
        var desk = new Desk(Small.Materials(recipe, folder.Path), new Stopping(stop, after), new RunnerOptions(TimeSpan.FromMilliseconds(after == int.MaxValue ? 60_000 : 1), Pace: pace), stop.Token);
        var outcome = new Runner(Plan(recipe, naive), store, new Local(), desk).Run();
        return (outcome, StudyReader.Read(store));
    }

    private List<string> Results(string name, string run)
    {
        using var store = StudyStore.Read(Path.Combine(folder.Path, name));
        var model = Path.Combine(store.ArtifactsOf(run), "model", "model.safetensors");
        return
        [
            .. store.Measurements(run).Where(m => !Clocks.Contains(m.Name)).Select(m => $"{m.Name} {m.Step} {m.Tokens} {BitConverter.DoubleToInt64Bits(m.Value)}"),
            .. File.Exists(model) ? [Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(model)))] : Array.Empty<string>(),
        ];
    }

    /// <summary>Gives up the dearest and says what it costs.</summary>
    private sealed record DearestFirst : StoppingRule
    {
        public override IReadOnlyList<Lost> Decide(IReadOnlyList<Contender> contenders) => contenders.MaxBy(one => one.Costs[0]) is { } dearest ? [new(dearest.Name, $"it takes {string.Join(' ', dearest.Costs)}")] : [];
    }

    /// <summary>Asks for a stop after so many steps of the whole study.</summary>
    private sealed class Stopping(CancellationTokenSource stop, int after) : Watcher
    {
        private int steps;

        public override void Stepped(PlannedRun run, RunProgress progress)
        {
            if (++steps == after) stop.Cancel();
        }
    }
}
