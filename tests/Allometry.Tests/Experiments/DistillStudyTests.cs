using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;

namespace Allometry.Tests.Experiments;

/// <summary>A sparse model, what it teaches, and both fine-tuned, in one recipe.</summary>
public sealed class DistillStudyTests : ColourStudies
{
    private const string Yaml = """
        name: distilled
        architecture: { kind: switch, feed-forward: { kind: in-turn, of: [dense, { kind: switch, experts: 3, group: 30 }] } }
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes:
          - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 2 }
        threads: 1
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 24, batch: 2, budget: { steps: 2 }, validation-batches: 1 }
          - &tune
            kind: fine-tune
            budget: { steps: 2 }
            batch: 4
            tasks: { name: colour, files: { train: rows.csv, validation: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 16, target-length: 8 }
          - &distill { kind: distill, student: t5-1.0, objective: span-corruption, input-length: 24, batch: 2, budget: { steps: 2 }, validation-batches: 1 }
          - { <<: *tune, from: student }
          - { <<: *distill, hard: 1 }
          - { <<: *tune, from: student }
        """;

    [Fact]
    public void Students_are_fine_tuned_from_what_they_were_taught_and_reported_beside_their_teacher()
    {
        var study = Small.Study(Reader.Read<Recipe>(Yaml, "distilled.yaml"), Folder.Path);

        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        Assert.Equal(["pretrain", "fine-tune", "distill", "fine-tune", "distill", "fine-tune"], study.Runs.Select(run => run.Stage));
        Assert.Equal(["", "pretrain", "", "student", "", "student"], study.Runs.Select(run => run.From));
        Assert.Equal(["a"], study.Shapes()); // students are no contestants: what they cost is their teacher's training and their own
        Assert.Equal(["a · as usual", "a · hard 1"], study.Runs.Where(run => run.From == "student").Select(run => run.Name));
        Assert.All(study.Runs.Where(run => run.From == "student"), run => Assert.Equal(study.Runs[2].Facts.Parameters, run.Facts.Parameters));
        Assert.True(study.Runs[1].Facts.Parameters > study.Runs[2].Facts.Parameters);

        var table = Report.From(study).Tables.Single(table => table.Name == "distilled");
        Assert.Equal(["a · as usual", "a · hard 1"], table.Rows.Select(row => row[0].Text));
        Assert.All(table.Rows, row => Assert.Equal(study.Runs[1].Results["colour/accuracy"], (double)row[8].Value!, 12));
        Assert.Equal([study.Runs[3].Results["colour/accuracy"], study.Runs[5].Results["colour/accuracy"]], table.Rows.Select(row => (double)row[9].Value!));
        Assert.All(table.Rows, row => Assert.Null(row[7].Value)); // without a dense model nothing says what the teacher has gained
    }

    [Fact]
    public void Beside_a_dense_model_of_the_students_sizes_the_share_of_the_gain_that_is_kept_is_reported()
    {
        const string a = "  - { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 2 }\n";
        var yaml = Yaml.Replace(a, a + a.Replace("name: a", "name: dense", StringComparison.Ordinal).Replace(" }", ", architecture: { kind: t5-1.0 } }", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("kind: distill,", "kind: distill, only: [a],", StringComparison.Ordinal).Replace("from: student", "only: [a], from: student", StringComparison.Ordinal);
        var study = Small.Study(Reader.Read<Recipe>(yaml, "distilled.yaml"), Folder.Path);
        // Losses of two steps say nothing: with others the share is what it should be.
        var known = study with { Runs = [.. study.Runs.Select(run => run with { Results = new Dictionary<string, double>(run.Results) { ["validation-loss"] = run.Shape == "dense" ? 3 : 2.6, ["teacher-validation-loss"] = 2 } })] };
        var rows = Report.From(known).Tables.Single(table => table.Name == "distilled").Rows;
        Assert.Equal(["a · as usual", "a · hard 1"], rows.Select(row => row[0].Text));
        Assert.All(rows, row => Assert.Equal((3.0, 0.4), ((double)row[4].Value!, Math.Round((double)row[7].Value!, 9))));

        // With another seed whose teacher is worse than the dense model the gain is within what seeds do.
        var unsure = known with { Runs = [.. known.Runs, .. known.Runs.Select(run => run with { Id = run.Id + "-2", Seed = 2, Results = new Dictionary<string, double>(run.Results) { ["teacher-validation-loss"] = 3.2 } })] };
        Assert.All(Report.From(unsure).Tables.Single(table => table.Name == "distilled").Rows, row => Assert.Null(row[7].Value));
    }

    [Fact]
    public void A_student_where_nobody_teaches_is_told()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "distilled.yaml");
        recipe = recipe with { Protocol = [recipe.Protocol[0], recipe.Protocol[3]] };
        Assert.Contains("no stage teaches a model", Assert.Throws<InputException>(() => Small.Materials(recipe, Folder.Path)).Message, StringComparison.Ordinal);
    }
}
