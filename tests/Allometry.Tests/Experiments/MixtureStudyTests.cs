using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tests.Store;

namespace Allometry.Tests.Experiments;

/// <summary>A mixture from YAML to the report's numbers: one run learns its tasks, each is scored, and their average is the quality.</summary>
public sealed class MixtureStudyTests : IDisposable
{
    private const string Yaml = """
        kind: fine-tune
        budget: { steps: 3 }
        batch: 8
        tasks:
          - name: both
            rates: { kind: proportional, maximum: 10, temperature: 2 }
            average: [[colour, colour-again], [length]]
            tasks:
              - { name: colour, files: { train: rows.csv, validation: rows.csv }, prompt: "colour: {text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy, macro-f1], input-length: 32, target-length: 8 }
              - { name: colour-again, files: { test: rows.csv }, prompt: "colour: {text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 32, target-length: 8 }
              - { name: length, files: { train: rows.csv, test: rows.csv }, prompt: "length: {text}", answer: { kind: number, column: length }, metrics: [pearson], input-length: 40, target-length: 4 }
        """;

    private readonly TemporaryFolder folder = new();

    public MixtureStudyTests() =>
        File.WriteAllLines(Path.Combine(folder.Path, "rows.csv"), Enumerable.Range(0, 24).Select(i => i % 3 == 0 ? $"sky {i},blue,{i % 5}" : $"rose {i},red,{i % 5}").Prepend("text,colour,length"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_run_learns_all_tasks_and_its_quality_is_their_average()
    {
        var study = Run(Small.Recipe([Reader.Read<Stage>(Yaml, "recipe.yaml")], [Small.Shape("a")]));
        var run = Assert.Single(study.Runs);

        Assert.Equal(("done", "both", ""), (run.State, run.Task, run.Reason ?? ""));
        Assert.Equal(["both/average", "colour-again/accuracy", "colour/accuracy", "colour/macro-f1", "length/pearson"], run.Measures());
        var colour = (run.Results["colour/accuracy"] + run.Results["colour/macro-f1"] + run.Results["colour-again/accuracy"]) / 3;
        Assert.Equal((colour + run.Results["length/pearson"]) / 2, run.Results["both/average"], 12);
        Assert.Equal(72, run.Results["both/examples"]);
        Assert.Equal(run.Results["both/average"], Findings.Of(study).Shapes[0].Scores.Quality!.Mean);
        Assert.Equal((run.Results["colour/accuracy"] + run.Results["colour/macro-f1"]) / 2, Findings.Of(study with { QualityNames = ["colour"] }).Shapes[0].Scores.Quality!.Mean, 12);
    }

    [Fact]
    public void Its_cost_is_that_of_the_longest_task()
    {
        var run = Assert.Single(Small.Recipe([Reader.Read<Stage>(Yaml, "recipe.yaml")], [Small.Shape("a")]).Plan().Runs);
        Assert.Equal(8 * (40 + 8), run.Workload.TokensPerStep);
    }

    [Fact]
    public void A_task_that_can_only_be_scored_cannot_be_learnt_alone()
    {
        var alone = Reader.Read<Stage>("{ kind: fine-tune, budget: { steps: 3 }, tasks: [{ name: t, files: { test: rows.csv }, prompt: '{text}', answer: { kind: label, column: colour, labels: [red, blue] }, metrics: [accuracy] }] }", "recipe.yaml");
        Assert.Contains("no train split", Assert.Throws<InputException>(() => Small.Materials(Small.Recipe([alone]), folder.Path)).Message, StringComparison.Ordinal);
    }

    private Study Run(Recipe recipe) => Small.Study(recipe, folder.Path);
}
