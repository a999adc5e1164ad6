using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Papers.Ul2;
using Allometry.Reports;
using Allometry.Tests.Experiments;

namespace Allometry.Tests.Papers.Ul2;

/// <summary>Specialists and a mixture in one recipe, from YAML to the table that sets them beside each other.</summary>
public sealed class ParetoSectionTests : ColourStudies
{
    private const string Yaml = """
        name: pareto
        architecture: ul2
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes: [{ name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }]
        seeds: [1, 2]
        threads: 1
        protocol:
          - &pretrain { kind: pretrain, arm: spans, objective: span-corruption, validate: &denoisers { R: span-corruption, S: { kind: prefix-language-model, hidden: 0.25 } }, input-length: 24, batch: 2, budget: { steps: 2 }, validation-batches: 1 }
          - &transfer { kind: transfer, to: *denoisers, input-length: 24, batch: 2, budget: { steps: 2 }, validation-batches: 1 }
          - { <<: *pretrain, arm: prefixes, objective: prefix-language-model }
          - *transfer
          - { <<: *pretrain, arm: both, objective: { kind: mixture-of-denoisers, denoisers: [{ name: R1, denoiser: span-corruption }, { name: S1, denoiser: prefix-language-model }] } }
          - *transfer
        """;

    [Fact]
    public void Each_way_is_held_to_the_best_specialist_on_each_denoiser_before_and_after_short_training()
    {
        var study = Small.Study(Reader.Read<Recipe>(Yaml, "pareto.yaml"), Folder.Path);
        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        var page = Report.From(Known(study));
        var table = page.Tables.Single(table => table.Name == "pareto");

        Assert.Equal(["shape", "after", "training-flops", "loss-r", "loss-r-sd", "loss-s", "loss-s-sd", "mean", "mean-sd", "behind-mean", "behind-most", "seeds"], table.Columns.Select(column => column.Name));
        string[] arms = ["a · spans", "a · prefixes", "a · both"];
        Assert.Equal([.. arms, .. arms], table.Rows.Select(row => row[0].Text));
        Assert.Equal(["pre-training", "short training on each"], table.Rows.Select(row => row[1].Text).Distinct());
        double Flops(string arm) => study.Runs.First(run => run.Stage == "pretrain" && run.Name == arm).Facts.TrainingFlops;
        Assert.Equal([.. arms.Concat(arms).Select(Flops)], table.Rows.Select(row => (double)row[2].Value!));
        Assert.Equal(3, arms.Select(Flops).Distinct().Count());
        double[] Row(int row) => [.. table.Rows[row].Skip(3).Select(cell => Math.Round(Convert.ToDouble(cell.Value, null), 6))];
        Assert.Equal([2, 0, 6, 0, 4, 0, 2, 4, 2], Row(0));
        Assert.Equal([5, 0, 2, 0, 3.5, 0, 1.5, 3, 2], Row(1));
        Assert.Equal([2.1, 0, 2.3, 0, 2.2, 0, 0.2, 0.3, 2], Row(2));
        Assert.StartsWith("Shapes were pre-trained on different objectives", page.Answer.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_specialist_is_who_learns_one_denoiser_however_many_it_is_measured_on()
    {
        var recipe = Reader.Read<Recipe>(Yaml.Replace("arm: prefixes, objective: prefix-language-model", "arm: prefixes, objective: prefix-language-model, validate: { R: span-corruption, S: { kind: prefix-language-model, hidden: 0.25 }, long: { kind: span-corruption, mean-span: 6 } }", StringComparison.Ordinal), "pareto.yaml");
        var table = Report.From(Known(Small.Study(recipe with { Seeds = [1] }, Folder.Path))).Tables.Single(table => table.Name == "pareto");
        double Behind(int row) => Convert.ToDouble(table.Columns.Zip(table.Rows[row]).Single(cell => cell.First.Name == "behind-mean").Second.Value, null);
        Assert.Equal([2, 1.5, 0.2], [Math.Round(Behind(0), 6), Math.Round(Behind(1), 6), Math.Round(Behind(2), 6)]);
    }

    [Fact]
    public void One_way_of_pretraining_has_no_such_table()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "pareto.yaml");
        Assert.Null(new ParetoSection().Of(Findings.Of(Small.Study(recipe with { Protocol = [recipe.Protocol[0]], Seeds = [1] }, Folder.Path))));
    }

    /// <summary>With losses to reckon with: those of two steps are nobody's.</summary>
    private static Study Known(Study study) => study with
    {
        Runs = [.. study.Runs.Select(run => run with
        {
            Results = run.Results.ToDictionary(result => result.Key, result => (run.Arm[0], result.Key) switch
            {
                ("spans", "validation-loss/R") => 2.0,
                ("spans", "validation-loss/S") => 6.0,
                ("prefixes", "validation-loss/R") => 5.0,
                ("prefixes", "validation-loss/S") => 2.0,
                ("both", "validation-loss/R") => 2.1,
                ("both", "validation-loss/S") => 2.3,
                _ => result.Value,
            }),
        })],
    };
}
