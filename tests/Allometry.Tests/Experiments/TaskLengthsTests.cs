using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Experiments;

public sealed class TaskLengthsTests : IDisposable
{
    private const string Yaml = """
        kind: fine-tune
        budget: { steps: 50 }
        batch: 4
        length-window: 8
        tasks: [{ name: colour, files: { train: train.csv, validation: test.csv, test: test.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: DECIDE }, metrics: [accuracy], input-length: 64, target-length: 8 }]
        """;

    private readonly TemporaryFolder folder = new();

    public TaskLengthsTests()
    {
        Write("train.csv", 41);
        Write("test.csv", 7);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_row_of_a_batch_is_as_long_as_the_longest()
    {
        // Two steps: one batch of 2 rows at 5 + 3; then 1 row at 9 + 1 and 3 rows at 4 + 4.
        var seen = LengthsTogether.Of([[Of(2, 3), Of(5, 1)], [Of(9, 1)], [Of(4, 4), Of(4, 4), Of(1, 1)]], steps: 2);
        Assert.Equal(new LengthsTogether(3, ((2 * 5) + 9 + (3 * 4)) / 6.0, ((2 * 3) + 1 + (3 * 4)) / 6.0, 1.5), seen);
    }

    [Fact]
    public void A_look_at_the_data_sees_the_batches_that_a_run_computes()
    {
        var (materials, run) = Opened("rank");
        var seen = materials.LengthsOf(((FineTuneStage)run.Stage).Tasks[0], 4, 1, 8);
        var examples = TaskData.Load(materials.Located(((FineTuneStage)run.Stage).Tasks[0].Tasks[0])).Tokenize(Split.Train, materials.Tokenizer).Examples;
        var batches = new TaskBatches(examples, 4, 1, 8);
        var parts = Enumerable.Range(0, 64).SelectMany(step => Collator.Cut(batches.At(step), 0.05)).ToList();
        Assert.Equal(4, seen.Step.Rows, 12);
        Assert.Equal(parts.Sum(part => part.Count * part.Max(example => example.Inputs.Length)) / 256.0, seen.Step.Inputs, 9);
        Assert.Equal(parts.Count / 64.0, seen.Step.Passes, 12);
        Assert.InRange(seen.Step.Inputs, 10, 40);
    }

    [Fact]
    public void Scoring_is_foretold_and_steps_cost_less_than_at_the_longest_lengths()
    {
        var (materials, run) = Opened("rank");
        var seen = run.Stage.Look(run, materials)!;
        var counted = run.Stage.Count(run);
        Assert.InRange(seen.StepFlops, 0.1 * counted.StepFlops, 0.8 * counted.StepFlops);
        // Both splits have 7 short rows: a batch each. Every row is read once, and the 2 labels of at most 5 tokens, with their end, go beside it.
        Assert.Equal(2, seen.ScoringPasses);
        var lengths = materials.LengthsOf(((FineTuneStage)run.Stage).Tasks[0], 4, 1, 8).Scoring;
        Assert.Equal((14.0, 10.0), (lengths.Rows, lengths.Targets));
        Assert.Equal(run.Architecture.Count(run.Shape, new(14, (int)Math.Ceiling(lengths.Inputs), 10)).ForwardFlops, seen.ScoringFlops, 1);
    }

    [Fact]
    public void Answers_that_are_written_take_a_pass_a_token()
    {
        var (materials, run) = Opened("greedy");
        Assert.Equal(2 * 5, run.Stage.Look(run, materials)!.ScoringPasses);
    }

    private (Materials Materials, Run Run) Opened(string decide)
    {
        var recipe = Small.Recipe([Reader.Read<Stage>(Yaml.Replace("DECIDE", decide, StringComparison.Ordinal), "recipe.yaml")], [Small.Shape("a")]);
        return (Small.Materials(recipe, folder.Path), recipe.Plan().Runs[0].Run);
    }

    private void Write(string name, int rows) =>
        File.WriteAllLines(Path.Combine(folder.Path, name), Enumerable.Range(0, rows).Select(i => $"{new string('x', 3 + (i * 7 % 30))},{(i % 3 == 0 ? "blue" : "red")}").Prepend("text,colour"));

    private static Example Of(int inputs, int targets) => new(new int[inputs], new int[targets]);
}
