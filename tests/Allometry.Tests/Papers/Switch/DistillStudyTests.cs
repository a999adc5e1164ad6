using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;

namespace Allometry.Tests.Papers.Switch;

/// <summary>A sparse model, what it teaches, and both fine-tuned, in one recipe.</summary>
public sealed class DistillStudyTests : IDisposable
{
    private const string Yaml = """
        name: distilled
        architecture: { kind: switch, feed-forward: { kind: in-turn, of: [dense, { kind: switch, experts: 3, group: 30 }] } }
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes: { name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 2, decoder-layers: 2 }
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

    private readonly TemporaryFolder folder = new();

    public DistillStudyTests() => Small.WriteColours(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Students_are_fine_tuned_from_what_they_were_taught_and_reported_beside_their_teacher()
    {
        var study = Small.Study(Reader.Read<Recipe>(Yaml, "distilled.yaml"), folder.Path);

        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        Assert.Equal(["pretrain", "fine-tune", "distill", "fine-tune", "distill", "fine-tune"], study.Runs.Select(run => run.Stage));
        Assert.Equal(["", "pretrain", "", "student", "", "student"], study.Runs.Select(run => run.From));
        Assert.Equal(["a"], study.Shapes()); // students are no contestants: what they cost is their teacher's training and their own
        Assert.Equal(["a · as usual", "a · hard 1"], study.Runs.Where(run => run.From == "student").Select(run => run.Name));
        Assert.All(study.Runs.Where(run => run.From == "student"), run => Assert.Equal(study.Runs[2].Facts.Parameters, run.Facts.Parameters));
        Assert.True(study.Runs[1].Facts.Parameters > study.Runs[2].Facts.Parameters);

        var table = Report.From(study).Tables.Single(table => table.Name == "distilled");
        Assert.Equal(["a · as usual", "a · hard 1"], table.Rows.Select(row => row[0].Text));
        Assert.All(table.Rows, row => Assert.Equal(study.Runs[1].Results["colour/accuracy"], (double)row[6].Value!, 12));
        Assert.Equal([study.Runs[3].Results["colour/accuracy"], study.Runs[5].Results["colour/accuracy"]], table.Rows.Select(row => (double)row[7].Value!));
    }

    [Fact]
    public void A_student_where_nobody_teaches_is_told()
    {
        var recipe = Reader.Read<Recipe>(Yaml, "distilled.yaml");
        recipe = recipe with { Protocol = [recipe.Protocol[0], recipe.Protocol[3]] };
        Assert.Contains("no stage teaches a model", Assert.Throws<InputException>(() => Small.Materials(recipe, folder.Path)).Message, StringComparison.Ordinal);
    }
}
