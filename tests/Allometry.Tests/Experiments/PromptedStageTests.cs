using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Experiments;

/// <summary>Prompts from YAML to the report: sets learnt through templates, others scored without having been learnt.</summary>
public sealed class PromptedStageTests : IDisposable
{
    private const string Yaml = """
        kind: prompted
        budget: { steps: 3 }
        batch: 8
        cap: 20
        learn:
          - name: colour
            cluster: colours
            files: { train: rows.csv, validation: rows.csv }
            input-length: 48
            target-length: 8
            templates:
              - { name: ask, prompt: "colour of {text}?", answer: { kind: label, column: colour, labels: [red, blue], decide: rank } }
              - { name: write, prompt: "name something {colour}", answer: { kind: text, template: "{text}" }, original: false, metrics: [token-f1] }
        held-out:
          - name: size
            cluster: sizes
            files: { test: rows.csv }
            input-length: 48
            target-length: 8
            templates:
              - { name: ask, prompt: "is {text} big?", answer: { kind: label, column: size, labels: { s: "no", b: "yes" }, decide: rank } }
              - { name: choose, prompt: "{text}: big or small?", answer: { kind: label, column: size, labels: { s: small, b: big }, decide: rank } }
              - { name: own, prompt: "size of {text}", answer: { kind: choice, column: size, choices: ["small {text}", "big {text}"], values: [s, b] } }
        """;

    private readonly TemporaryFolder folder = new();

    public PromptedStageTests() =>
        File.WriteAllLines(Path.Combine(folder.Path, "rows.csv"), Enumerable.Range(0, 24).Select(i => i % 3 == 0 ? $"sky {i},blue,b" : $"rose {i},red,s").Prepend("text,colour,size"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Held_out_sets_can_be_asked_with_changed_texts_template_by_template()
    {
        var robustness = Reader.Read<Stage>("{ kind: robustness, resamples: 0, perturbations: [no-first, { kind: change-char, probability: 0 }] }", "recipe.yaml");
        var study = Run(Small.Recipe([Reader.Read<Stage>(Yaml, "recipe.yaml"), robustness], [Small.Shape("a")]));
        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        var prompted = study.Runs[0];
        Assert.Equal(["size.ask", "size.choose", "size.own"], study.Runs.Skip(1).Select(run => run.Task));
        foreach (var run in study.Runs.Skip(1))
        {
            Assert.Equal(prompted.Results[$"size/template/{run.Task!.Split('.')[1]}/accuracy"], run.Results["clean/accuracy/score"]);
            Assert.Equal((1, run.Results["clean/accuracy/score"]), (run.Results["robustness/no-first/changed"], run.Results["robustness/change-char/accuracy/score"]));
        }
    }

    [Fact]
    public void A_set_is_scored_template_by_template_and_counts_with_their_mean()
    {
        var study = Run(Small.Recipe([Reader.Read<Stage>(Yaml, "recipe.yaml")], [Small.Shape("a")]));
        var run = Assert.Single(study.Runs);
        Assert.Equal(("done", "prompted", ""), (run.State, run.Task, run.Reason ?? ""));
        double[] scores = [.. new[] { "ask", "choose", "own" }.Select(template => run.Results[$"size/template/{template}/accuracy"])];
        Assert.Equal(scores.Average(), run.Results["size/accuracy"], 12);
        Assert.Equal((scores.Min(), scores.Max(), scores.Order().ElementAt(1)), (run.Results["size/accuracy/lowest"], run.Results["size/accuracy/highest"], run.Results["size/accuracy/median"]));
        Assert.Equal(run.Results["size/accuracy"], run.Results["prompted/average"], 12); // the one set that is held out
        Assert.Equal(2.0 / 3, run.Results["size/accuracy/majority"], 12);
        Assert.Equal((0.5, 24), (run.Results["size/chance"], run.Results["size/examples"]));
        Assert.Equal(run.Results["colour/template/ask/accuracy"], run.Results["colour/accuracy"]);
        Assert.DoesNotContain("colour/template/write/token-f1", run.Results.Keys); // learnt, not scored
        Assert.Equal(["colour/accuracy", "prompted-learnt/average", "prompted/average", "size/accuracy"], run.Measures());
        Assert.Equal(run.Results["prompted/average"], Findings.Of(study).Shapes[0].Scores.Quality!.Mean);
        Assert.Equal(1 / 3.0, run.Results["size/truncated"], 12); // every choice of one of its templates is longer than its target-length
        Assert.Contains(Report.From(study).Answer, words => words.Contains("lost their end: 33 % of size.", StringComparison.Ordinal));
        var table = Report.From(study).Tables.Single(table => table.Name == "templates");
        Assert.Contains(table.Rows, row => row[2].Text == "size accuracy" && row[3].Text == "held out" && row[7].Text == "3");
        Assert.Contains(table.Rows, row => row[2].Text == "colour accuracy" && row[3].Text == "learnt");
    }

    [Fact]
    public void Averages_over_held_out_and_over_learnt_sets_have_chance_and_majority_beside_them()
    {
        var second = $$"""
            {{Yaml}}
              - { name: shade, cluster: shades, files: { test: rows.csv }, input-length: 48, target-length: 8, templates: [{ name: ask, prompt: "{text}?", answer: { kind: label, column: colour, labels: { red: warm, blue: cold, green: fresh }, decide: rank } }] }
            """;
        var study = Run(Small.Recipe([Reader.Read<Stage>(second, "recipe.yaml")], [Small.Shape("a")]));
        var (run, findings) = (Assert.Single(study.Runs), Findings.Of(study));
        Assert.Equal((run.Results["shade/accuracy"] + run.Results["size/accuracy"]) / 2, run.Results["prompted/average"], 12);
        Assert.Equal(run.Results["colour/accuracy"], run.Results["prompted-learnt/average"], 12);
        Assert.Equal(run.Results["prompted/average"], findings.Shapes[0].Scores.Quality!.Mean, 12); // and not what was learnt
        var (heldOut, learnt) = (findings.BaselineOf("prompted/average"), findings.BaselineOf("prompted-learnt/average"));
        Assert.Equal((2.0 / 3, 48), (heldOut.Majority!.Value, heldOut.Examples!.Value));
        Assert.Equal((0.5 + (1.0 / 3)) / 2, heldOut.Chance!.Value, 12);
        Assert.Equal((2.0 / 3, 0.5, 24), (learnt.Majority!.Value, learnt.Chance!.Value, learnt.Examples!.Value));
        var rows = Report.From(study).Tables.Single(table => table.Name == "templates").Rows;
        Assert.Equal([("prompted-learnt average", "learnt"), ("prompted average", "held out")], rows.Where(row => row[2].Text.EndsWith("average", StringComparison.Ordinal)).Select(row => (row[2].Text, row[3].Text)));
    }

    [Fact]
    public void Scores_after_a_pretraining_of_few_tokens_are_called_not_conclusive()
    {
        File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 60).Select(i => $"The rose of number {i} is red.\n"));
        var pretrain = Reader.Read<Stage>("{ kind: pretrain, objective: span-corruption, input-length: 24, batch: 2, budget: { steps: 2 }, validation-batches: 1 }", "recipe.yaml");
        var study = Run(Small.Recipe([pretrain, Reader.Read<Stage>(Yaml, "recipe.yaml")], [Small.Shape("a")], [1, 2]) with { Corpus = new Corpus([Path.Combine(folder.Path, "text.txt")], HeldOut: 0.2) });
        var section = Report.From(study).Sections.Single(section => section.Name == "templates");
        var budgets = Assert.IsType<Paragraph>(section.Blocks[0]).Text;
        Assert.StartsWith("Pre-trainings saw ", budgets, StringComparison.Ordinal);
        Assert.Contains(Report.From(study).Answer, text => text.StartsWith($"Not conclusive: fewer than 20.0 M tokens. {budgets}", StringComparison.Ordinal));
        Assert.All(Assert.IsType<Table>(section.Blocks[1]).Rows, row => Assert.Equal(2L, Convert.ToInt64(row[^1].Value, null)));

        var enough = study with { Runs = [.. study.Runs.Select(run => run with { Curves = run.Curves.ToDictionary(curve => curve.Key, curve => (IReadOnlyList<CurvePoint>)[.. curve.Value.Select(point => point with { Tokens = 21e6 })]) })] };
        Assert.Contains("21.0 M tokens at least and 21.0 M at most", Assert.IsType<Paragraph>(Report.From(enough).Sections.Single(section => section.Name == "templates").Blocks[0]).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Report.From(enough).Answer, text => text.Contains("Not conclusive", StringComparison.Ordinal));
    }

    [Fact]
    public void A_look_at_the_data_foretells_the_scoring_and_steps_that_are_shorter_than_the_longest()
    {
        var recipe = Small.Recipe([Reader.Read<Stage>(Yaml, "recipe.yaml")], [Small.Shape("a")]);
        var (materials, run) = (Small.Materials(recipe, folder.Path), recipe.Plan().Runs[0].Run);
        var seen = run.Stage.Look(run, materials)!;
        Assert.InRange(seen.StepFlops, 0.1 * run.Stage.Count(run).StepFlops, 0.8 * run.Stage.Count(run).StepFlops);
        // 24 short rows are a batch of each of the 4 original templates that rank labels of their own; those of choices come one by one.
        var set = ((PromptedStage)run.Stage).HeldOut[0];
        Assert.Equal(1 + 2 + 24, seen.ScoringPasses);
        Assert.True(seen.ScoringFlops > 0);
        var alone = (PromptedStage)run.Stage with { ScoreTrained = false, HeldOut = [set with { Templates = [set.Templates[0]] }] };
        Assert.Equal(1, alone.Look(run with { Stage = alone }, materials)!.ScoringPasses);
    }

    [Fact]
    public void Twice_gives_the_same_numbers()
    {
        var recipe = Small.Recipe([Reader.Read<Stage>(Yaml, "recipe.yaml")], [Small.Shape("a")]);
        Dictionary<string, double> Scores(Study study) => study.Runs[0].Results.Where(result => result.Key.Contains('/')).ToDictionary();
        Assert.Equal(Scores(Run(recipe, "one")), Scores(Run(recipe, "two")));
    }

    [Theory]
    [InlineData("cluster: sizes", "cluster: colours", "the cluster 'colours' of 'size' is also learnt")]
    [InlineData("name: size", "name: colour", "names more than one thing")]
    [InlineData("is {text} big?", "is {thing} big?", "lacks the column 'thing'")]
    [InlineData("train: rows.csv, validation: rows.csv", "validation: rows.csv", "has no train split")]
    public void What_stands_in_the_way_is_told_before_anything_runs(string right, string wrong, string what)
    {
        var stage = Reader.Read<Stage>(Yaml.Replace(right, wrong, StringComparison.Ordinal), "recipe.yaml");
        Assert.Contains(Assert.Throws<InputException>(() => Small.Materials(Small.Recipe([stage]), folder.Path)).Problems, problem => problem.What.Contains(what, StringComparison.Ordinal));
    }

    private Study Run(Recipe recipe, string name = "store") => Small.Study(recipe, folder.Path, name);
}
