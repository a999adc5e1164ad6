using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Tests.Store;

namespace Allometry.Tests.Experiments;

/// <summary>Fine-tuned models scored on changed texts, from YAML to the report.</summary>
public sealed class RobustnessStudyTests : IDisposable
{
    private const string Yaml = """
        name: robust
        architecture: encoder-decoder
        vocabulary: bytes
        shapes: { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
        threads: 1
        protocol:
          - kind: fine-tune
            budget: { steps: 2 }
            batch: 4
            tasks: { name: colour, files: { train: rows.csv, test: rows.csv, limit: { test: 20 } }, prompt: "say {text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 24, target-length: 8 }
          - { kind: robustness, draws: 2, resamples: 20, perturbations: [no-first, change-char, { kind: change-char, clean: true, probability: 0 }] }
        """;

    private readonly TemporaryFolder folder = new();

    public RobustnessStudyTests() =>
        File.WriteAllLines(Path.Combine(folder.Path, "rows.csv"), Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? $"a sky {i},blue" : $"a rose {i},red").Prepend("text,colour"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_change_is_scored_on_the_same_examples_and_one_that_changes_nothing_leaves_everything()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "robust.yaml");
        var study = Small.Study(recipe, folder.Path);

        var run = Assert.Single(study.Runs, run => run.Stage == "robustness");
        Assert.Equal(("done", "", "colour", "scratch"), (run.State, run.Reason ?? "", run.Task, run.From));
        var tuned = study.Runs.Single(run => run.Stage == "fine-tune");
        Assert.Equal((20, tuned.Results["colour/accuracy"]), (run.Results["examples"], run.Results["clean/accuracy/score"]));
        Assert.Equal((0, 1, 1, 1), (run.Results["robustness/change-char-clean/changed"], run.Results["robustness/change-char-clean/accuracy/ratio"], run.Results["robustness/change-char-clean/accuracy/low"], run.Results["robustness/change-char-clean/accuracy/high"]));
        Assert.Equal(1, run.Results["robustness/no-first/changed"]);
        Assert.InRange(run.Results["robustness/change-char/changed"], 0.3, 0.99);
        Assert.Empty(run.Measures());

        var report = Report.From(study);
        Assert.Equal(1 + 3, CsvReport.Render(report)["robustness.csv"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("colour accuracy: what is left", MarkdownReport.Render(report), StringComparison.Ordinal);
    }

    // What is written is compared as written: with texts unchanged the same is written again.
    [Fact]
    public void What_a_model_writes_of_changed_texts_is_scored_too()
    {
        var yaml = Yaml.Replace("answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy]", "answer: { kind: text, template: \"{colour} it is\" }, metrics: [rouge-1, token-f1]", StringComparison.Ordinal)
            .Replace("budget: { steps: 2 }", "budget: { steps: 40 }\n    optimizer: adamw\n    learning-rate: 0.01", StringComparison.Ordinal).Replace("target-length: 8", "target-length: 12", StringComparison.Ordinal);
        var study = Small.Study(Reader.Read<Recipe>(yaml, "robust.yaml"), folder.Path);

        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        var (tuned, run) = (study.Runs[0], study.Runs[1]);
        foreach (var metric in new[] { "rouge-1", "token-f1" })
        {
            Assert.InRange(tuned.Results[$"colour/{metric}"], 0.1, 100);
            Assert.Equal(tuned.Results[$"colour/{metric}"], run.Results[$"clean/{metric}/score"]);
            Assert.Equal(1, run.Results[$"robustness/change-char-clean/{metric}/ratio"]);
            Assert.InRange(run.Results[$"robustness/no-first/{metric}/score"], 0, 100);
        }
        Assert.Contains("colour rouge-1: what is left", MarkdownReport.Render(Report.From(study)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ kind: robustness, perturbations: [] }", "there is none")]
    [InlineData("{ kind: robustness, perturbations: [no-first, no-first] }", "stands there twice")]
    [InlineData("{ kind: robustness, perturbations: { kind: no-nouns, tags: nowhere.tsv } }", "nowhere.tsv")]
    public void What_cannot_be_done_is_told_before_anything_is_run(string stage, string expected)
    {
        var recipe = Reader.Read<Recipe>(Yaml, "robust.yaml");
        recipe = recipe with { Protocol = [recipe.Protocol[0], Reader.Read<Stage>(stage, "stage")] };
        Assert.Contains(expected, Assert.Throws<InputException>(() => Small.Materials(recipe, folder.Path)).Message, StringComparison.Ordinal);
    }
}
