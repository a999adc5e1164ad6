using Allometry.Experiments;
using Allometry.Kinds;

namespace Allometry.Tests.Experiments;

/// <summary>What a run is said to start from is what it starts from; where that is not there, it is told before anything is spent.</summary>
public sealed class StartingPointsTests : ColourStudies
{
    private const string Pretrain = "kind: pretrain, objective: span-corruption, input-length: 32, batch: 4, validation-batches: 1, budget: { steps: 6 }";
    private const string Grow = "kind: grow, growth: function-preserving, training: { objective: span-corruption, input-length: 32, batch: 4, budget: { steps: 6 } }";
    private const string Transfer = "kind: transfer, to: { R: span-corruption }, input-length: 32, batch: 4, budget: { steps: 6 }";
    private const string Tune = """kind: fine-tune, budget: { steps: 2 }, batch: 4, tasks: { name: colour, files: { train: rows.csv, test: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: accuracy, input-length: 16, target-length: 6 }""";
    private const string Prompted = """kind: prompted, budget: { steps: 2 }, batch: 4, learn: [{ name: colour, cluster: c, files: { train: rows.csv, validation: rows.csv }, input-length: 48, target-length: 8, templates: [{ name: ask, prompt: "colour of {text}?", answer: { kind: label, column: colour, labels: [red, blue], decide: rank } }] }], held-out: [{ name: held, cluster: s, files: { test: rows.csv }, input-length: 48, target-length: 8, templates: [{ name: ask, prompt: "{text}?", answer: { kind: label, column: colour, labels: [red, blue], decide: rank } }] }]""";

    [Theory]
    [InlineData("nothing is grown", $"{Pretrain}", $"{Prompted}, from: grow")]
    [InlineData("no stage teaches", $"{Pretrain}", $"{Prompted}, from: student")]
    [InlineData("there is nothing to start from", $"{Pretrain}", $"{Prompted}, from: []")]
    [InlineData("no pre-training to start from", $"{Prompted}, from: pretrain", $"{Pretrain}")]
    [InlineData("no pre-training to start from", $"{Tune}, from: [pretrain, scratch]", $"{Pretrain}")]
    [InlineData("no pre-training to start from", $"{Transfer}", $"{Pretrain}")]
    [InlineData("trains b, which would start from that", $"{Pretrain}, only: [a]", $"{Transfer}")]
    [InlineData("no stage trains a, from which b should grow", $"{Pretrain}, only: [b]", $"{Grow}")]
    public void What_is_to_be_started_from_and_is_not_there_is_told(string told, params string[] stages) =>
        Assert.Contains(told, Assert.Throws<InputException>(() => Small.Materials(Read(stages), Folder.Path)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(Prompted, "grow")]
    [InlineData(Tune, "grow")]
    [InlineData($"{Transfer}, from: grow", "grow to R")]
    [InlineData($"{Transfer}", "pretrain to R")]
    public void What_follows_on_a_growth_starts_from_what_it_says(string stage, string from)
    {
        var runs = Plan(Pretrain, Grow, stage);
        var last = runs.Last();
        Assert.Equal(("b", from), (last.Shape, last.From));
        Assert.Equal(runs.Last(run => run.Shape == "b" && run.Stage == from.Split(' ')[0]).Id, Assert.Single(last.Run.Needs));
    }

    [Fact]
    public void A_shape_has_runs_for_those_models_that_it_has()
    {
        var runs = Plan(Pretrain, Grow, $"{Prompted}, from: [pretrain, grow, scratch]");
        Assert.Equal(["a pretrain", "a scratch", "b pretrain", "b grow", "b scratch"], runs.Where(run => run.Stage == "prompted").Select(run => $"{run.Shape} {run.From}"));
        Assert.All(runs.Where(run => run.Stage == "prompted"), run => Assert.Equal(run.From == "scratch" ? 0 : 1, run.Run.Needs.Count));
    }

    private IReadOnlyList<PlannedRun> Plan(params string[] stages)
    {
        var (recipe, materials) = (Read(stages), Small.Materials(Read(stages), Folder.Path));
        return recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf).Runs;
    }

    private static Recipe Read(string[] stages) => Reader.Read<Recipe>($$"""
        name: starts
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: 24, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 1 }
        threads: 1
        protocol:
        {{string.Join('\n', stages.Select(stage => $"  - {{ {stage} }}"))}}
        """, "starts.yaml");
}
