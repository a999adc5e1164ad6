using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;

namespace Allometry.Tests.Experiments;

/// <summary>Finished models compared layer by layer, from YAML to the report.</summary>
public sealed class SimilarityStudyTests : ColourStudies
{
    private const string Yaml = """
        name: alike
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: b, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 1 }
        seeds: [1, 2]
        threads: 1
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 24, batch: 2, budget: { steps: 2 } }
          - kind: fine-tune
            budget: { steps: 2 }
            batch: 4
            tasks: { name: colour, files: { train: rows.csv, validation: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 16, target-length: 8 }
          - { kind: similarity, examples: 20, stir: 3, inversion: { steps: 3, most-residual: 10 } }
          - { kind: similarity, against: first-seed, stir: 0 }
          - { kind: similarity, against: first-shape, stir: 0 }
        """;

    [Fact]
    public void Each_comparison_is_a_run_and_the_report_has_its_heat_map_and_its_numbers_as_csv()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "alike.yaml");
        var study = Small.Study(recipe, Folder.Path);

        var compared = study.Runs.Where(run => run.Stage == "similarity").ToList();
        Assert.All(compared, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        Assert.Equal(["fine-tune against a", "fine-tune against a", "fine-tune against pretrain", "fine-tune against pretrain", "fine-tune against pretrain", "fine-tune against pretrain", "fine-tune against seed 1", "fine-tune against seed 1"],
            compared.Select(run => run.From).Order(StringComparer.Ordinal));
        var start = compared.First(run => run is { From: "fine-tune against pretrain", Shape: "b" });
        Assert.Equal(20, start.Results["examples"]);
        Assert.InRange(start.Results["cka/0/0"], 0.99, 1 + 1e-9); // two steps change few of a table's vectors
        Assert.Contains("stir/second-given-first/2", start.Results.Keys);
        Assert.InRange(start.Results["inversion/second-given-first/0"], 0, 1 + 1e-9);
        var shapes = compared.First(run => run.From == "fine-tune against a");
        Assert.Equal(("b", true, true, false), (shapes.Shape, shapes.Results.ContainsKey("cka/1/2"), shapes.Results.ContainsKey("cka/0/1"), shapes.Results.ContainsKey("cka/2/0")));
        Assert.DoesNotContain(compared, run => run.Measures().Any());

        var report = Report.From(study);
        Assert.Contains("colour", report.Sections.Single(section => section.Name == "similarity").Blocks.OfType<HeatMap>().First().Title, StringComparison.Ordinal);
        var csv = CsvReport.Render(report);
        Assert.Equal(1 + 9, csv["cka-b-colour-fine-tune-against-pretrain.csv"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("similarity-layers.csv", csv.Keys);
        Assert.Contains("--shade: 1", HtmlReport.Render(report), StringComparison.Ordinal);
        Assert.Contains("CKA on colour", MarkdownReport.Render(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ kind: similarity, of: pretrain }", "starts from no other")]
    [InlineData("{ kind: similarity, of: pretrain, against: first-seed }", "has no task of its own")]
    [InlineData("{ kind: similarity, of: tune }", "no stage 'tune'")]
    [InlineData("{ kind: similarity, states: { source: writer }, inversion: {} }", "stack that reads")]
    public void What_cannot_be_compared_is_told_before_anything_is_run(string stage, string expected)
    {
        var recipe = Reader.Read<Recipe>(Yaml, "alike.yaml");
        recipe = recipe with { Protocol = [.. recipe.Protocol.Take(2), Reader.Read<Stage>(stage, "stage")] };
        Assert.Contains(expected, Assert.Throws<InputException>(() => Small.Materials(recipe, Folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_and_one_shape_have_nobody_beside_them()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "alike.yaml");
        recipe = recipe with { Seeds = [1], Shapes = [recipe.Shapes[0]] };
        Assert.Equal(2, Assert.Throws<InputException>(() => Small.Materials(recipe, Folder.Path)).Problems.Count);
    }
}
