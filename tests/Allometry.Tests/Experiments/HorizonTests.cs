using Allometry.Analysis;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Tests.Store;

namespace Allometry.Tests.Experiments;

/// <summary>Several budgets from one run: what branches from a trunk is, to the last bit, what the same budget gives from scratch.</summary>
public sealed class HorizonTests : IDisposable
{
    private Study Read(string store)
    {
        using var opened = StudyStore.Read(Path.Combine(folder.Path, store));
        return StudyReader.Read(opened);
    }

    private static readonly string[] Clocks = ["seconds", "peak-memory", "tokens-per-second", "examples-per-second"];

    private readonly TemporaryFolder folder = new();

    public HorizonTests() => File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 200).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{ kind: warmup-stable-decay, warmup: 3 }", "adafactor", 0.1)]
    [InlineData("{ kind: warmup-stable-decay, warmup: 5, decay: 6, final: 0.1 }", "{ kind: adamw, weight-decay: 0.1 }", 0)]
    [InlineData("constant", "adafactor", 0)]
    public void A_branch_is_the_same_budget_from_scratch_to_the_last_bit(string schedule, string optimizer, double dropout)
    {
        var recipe = Recipe(schedule, optimizer, dropout);
        var (cheap, naive) = (Run(recipe, "cheap", naive: false), Run(recipe, "naive", naive: true));

        Assert.Equal(3, naive.Runs.Count);
        Assert.Equal(naive.Runs.Select(run => run.Id), cheap.Runs.Skip(1).Select(run => run.Id));
        Assert.All(naive.Runs, run => Assert.Equal(Results("naive", run.Id), Results("cheap", run.Id)));
        Assert.True(cheap.Runs.Sum(run => run.OwnFlops) < 0.75 * naive.Runs.Sum(run => run.OwnFlops));
        Assert.All(cheap.Runs.Skip(1), run => Assert.True(run.Branch!.Step > 0));
        Assert.All(new[] { ("cheap", cheap), ("naive", naive) }, pair => Assert.Equal(pair.Item2.Runs.Select(run => run.OwnFlops), Read(pair.Item1).Runs.Select(run => run.Own.Flops), (a, b) => Math.Abs(a - b) <= 1e-9 * a));
        Assert.All(Read("cheap").Runs.Skip(1), run => Assert.InRange(run.Own.Seconds, 0, Math.BitDecrement(run.MeasuredSeconds!.Value)));
    }

    [Fact]
    public void What_is_lost_of_a_trunk_its_branches_make_themselves()
    {
        var recipe = Recipe("{ kind: warmup-stable-decay, warmup: 3 }", "adafactor", 0);
        var plan = Run(recipe, "naive", naive: true);
        var trunk = Plan(recipe, naive: false).Runs[0];
        Execute(recipe, new(recipe, [trunk]), "cheap");
        Directory.Delete(Path.Combine(folder.Path, "cheap", "artifacts", trunk.Id), recursive: true);
        Run(recipe, "cheap", naive: false);

        Assert.All(plan.Runs, run => Assert.Equal(Results("naive", run.Id), Results("cheap", run.Id)));
    }

    [Fact]
    public void A_trunk_whose_branches_are_done_is_not_trained_and_what_it_kept_is_removed()
    {
        var recipe = Recipe("{ kind: warmup-stable-decay, warmup: 3 }", "adafactor", 0);
        Run(recipe, "store", naive: true);
        var (plan, outcome) = Execute(recipe, Plan(recipe, naive: false), "store");
        Assert.Equal((0, 4), (outcome.Executed, outcome.Done));

        Run(recipe, "other", naive: false);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "other", "artifacts", plan.Runs[0].Id)));
    }

    [Theory]
    [InlineData("{ kind: warmup-stable-decay, warmup: 0.1 }")]
    [InlineData("warmup-cosine")]
    [InlineData("{ kind: inverse-square-root, warmup: 0.5 }")]
    public void A_schedule_whose_beginning_depends_on_the_length_shares_nothing(string schedule) =>
        Assert.All(Plan(Recipe(schedule, "adafactor", 0), naive: false).Runs, run => Assert.Null(run.Branch));

    [Fact]
    public void Horizons_leave_the_run_itself_what_it_was()
    {
        var recipe = Recipe("{ kind: warmup-stable-decay, warmup: 3 }", "adafactor", 0);
        var alone = recipe with { Protocol = [(PretrainStage)recipe.Protocol[0] with { Horizons = null }] };
        Assert.Equal(Plan(alone, naive: false).Runs.Single().Id, Plan(recipe, naive: false).Runs[^1].Id);
        Assert.Equal(["trunk", "horizon", "horizon", "pretrain"], Plan(recipe, naive: false).Runs.Select(run => run.Stage));
    }

    private static Recipe Recipe(string schedule, string optimizer, double dropout) => Reader.Read<Recipe>(
        $$"""
        name: horizons
        architecture: { kind: encoder-decoder, dropout: {{dropout.ToString(System.Globalization.CultureInfo.InvariantCulture)}} }
        vocabulary: bytes
        corpus: { files: text.txt, held-out: 0.2 }
        shapes: { model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 32, batch: 4, learning-rate: 0.03, optimizer: {{optimizer}}, schedule: {{schedule}}, validation-batches: 2, budget: { steps: 32 }, horizons: [ { steps: 10 }, { steps: 20 } ] }
        threads: 1
        """, "recipe.yaml");

    private Plan Plan(Recipe recipe, bool naive)
    {
        var materials = Small.Materials(recipe, folder.Path);
        return recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf, naive);
    }

    private Plan Run(Recipe recipe, string store, bool naive) => Execute(recipe, Plan(recipe, naive), store).Plan;

    private (Plan Plan, StudyOutcome Outcome) Execute(Recipe recipe, Plan plan, string name)
    {
        using var store = StudyStore.Open(Path.Combine(folder.Path, name));
        var desk = new Desk(Small.Materials(recipe, folder.Path), new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default);
        var outcome = new Runner(plan, store, new Local(), desk).Run();
        Assert.Empty(outcome.NotDone);
        return (plan, outcome);
    }

    /// <summary>Every measurement that no clock made, and every byte of the model.</summary>
    private List<string> Results(string name, string run)
    {
        using var store = StudyStore.Read(Path.Combine(folder.Path, name));
        var model = Path.Combine(store.ArtifactsOf(run), "model");
        return
        [
            .. store.Measurements(run).Where(m => !Clocks.Contains(m.Name)).Select(m => $"{m.Name} {m.Step} {m.Tokens} {BitConverter.DoubleToInt64Bits(m.Value)}"),
            .. Directory.EnumerateFiles(model).Order(StringComparer.Ordinal).Select(file => $"{Path.GetFileName(file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"),
        ];
    }
}
