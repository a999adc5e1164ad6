using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Ul2;
using Allometry.Reports;
using Allometry.Store;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;
using Allometry.Tests.Text;
using Allometry.Text;

namespace Allometry.Tests.Papers.Ul2;

/// <summary>UL2 from YAML to the report: a mixture with modes, the loss of each denoiser, and the transfer to single ones.</summary>
public sealed class TransferStageTests : IDisposable
{
    private const string Denoisers = "{ R: span-corruption, S-table: { kind: prefix-language-model, hidden: 0.25, sentinel: true } }";

    private static readonly string[] Protocol =
    [
        $"{{ kind: pretrain, objective: {{ kind: ul2, mode-length: 1 }}, validate: {Denoisers}, input-length: 96, batch: 4, validation-batches: 2, validate-every: 2, budget: {{ steps: 4 }} }}",
        $"{{ kind: transfer, to: {Denoisers}, input-length: 96, batch: 4, validation-batches: 2, learning-rate: 0.05, budget: {{ steps: 6 }} }}",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("ul2")]
    [InlineData("ul2-decoder-only")]
    public void Each_denoiser_is_measured_by_itself_and_transfer_starts_anew_for_each(string architecture)
    {
        var study = Run(RecipeOf(architecture));
        Assert.Equal(["pretrain", "transfer", "transfer"], study.Runs.Select(run => run.Stage));
        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        var pretrained = study.Runs[0];
        Assert.Equal(["R", "R1", "R2", "S", "S-table", "X1", "X2", "X3", "X4"], pretrained.Results.Keys.Where(name => name.Contains('/')).Select(name => name[16..]).Order(StringComparer.Ordinal));
        Assert.Equal(2, pretrained.Curves["validation-loss/X4"].Count);
        // The transfer begins with the weights that the pre-training ended with, for each denoiser; the same text is hidden in the same places.
        Assert.Equal(pretrained.Results["validation-loss/R"], study.Runs[1].Results["before-loss/R"]);
        Assert.True(study.Runs[1].Results["validation-loss/R"] < study.Runs[1].Results["before-loss/R"]);
        var table = Report.From(study).Tables.Single(table => table.Name == "denoisers");
        Assert.Contains(table.Rows, row => row[1].Text == "transfer from pretrain to R" && row[2].Text == "R" && (double)row[4].Value! == study.Runs[1].Results["validation-loss/R"]);
    }

    [Fact]
    public void The_cost_of_a_mixture_is_the_mean_of_its_parts()
    {
        var plan = RecipeOf("ul2").Expand(new Numerics(1), 896, file => file);
        var stage = (PretrainStage)plan.Runs[0].Run.Stage;
        var parts = stage.Objective.Parts.Select(part => (stage with { Objective = part.Objective, Validate = null }).Count(plan.Runs[0].Run)).ToList();
        Assert.Equal(parts.Average(part => part.StepFlops), plan.Runs[0].Workload.StepFlops, 1e-6 * parts[0].StepFlops);
        Assert.Equal(parts.Average(part => part.TokensPerStep), plan.Runs[0].Workload.TokensPerStep, 1e-6);
        Assert.Equal(parts.Max(part => part.MemoryBytes), plan.Runs[0].Workload.MemoryBytes);
    }

    [Fact]
    public void Nothing_to_start_from_and_names_that_are_taken_are_told_before_anything_runs()
    {
        var recipe = RecipeOf("ul2");
        var alone = recipe with { Protocol = [recipe.Protocol[1]] };
        Assert.Contains("no pre-training", Assert.Throws<InputException>(() => Small.Materials(alone, folder.Path)).Message, StringComparison.Ordinal);
        var twice = recipe with { Protocol = [(PretrainStage)recipe.Protocol[0] with { Objective = Reader.Read<Allometry.Objectives.Objective>("{ kind: mixture-of-denoisers, denoisers: [{ name: R, denoiser: span-corruption }, { name: X, denoiser: span-corruption }] }", "recipe.yaml") }] };
        Assert.Contains("measured twice", Assert.Throws<InputException>(() => Small.Materials(twice, folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_denoiser_that_needs_more_text_than_there_is_and_a_model_that_cannot_write_are_told_before_anything_runs()
    {
        // 1,000 tokens of text are more than the tenth that is held out of so small a corpus.
        var text = Path.Combine(folder.Path, "short.txt");
        File.WriteAllLines(text, Enumerable.Range(0, 300).Select(i => $"Sentence {i} is short.\n"));
        var recipe = RecipeOf("ul2") with { Corpus = new Corpus([text], HeldOut: 0.1) };
        var far = recipe with { Protocol = [recipe.Protocol[0], (TransferStage)recipe.Protocol[1] with { InputLength = 1024 }] };
        using var store = StudyStore.Open(Path.Combine(folder.Path, "far"));
        var materials = Small.Materials(far, folder.Path);
        var plan = far.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        var desk = new Desk(materials, new NoWatcher(), new RunnerOptions(TimeSpan.Zero), default);
        Assert.All(Assert.Throws<InputException>(() => desk.Prepare(plan.Runs)).Problems, problem => Assert.Contains("do not fill one segment", problem.What, StringComparison.Ordinal));
        desk.Prepare(plan.Runs.Where(run => run.Stage == "pretrain"));

        var reader = recipe with { Architecture = new EncoderOnly() };
        Assert.Contains("protocol: transfer", Assert.Throws<InputException>(() => Small.Materials(reader, folder.Path)).Problems.Where(problem => problem.What.Contains("writes none", StringComparison.Ordinal)).Select(problem => problem.Where.Split(": objective")[0]));
    }

    [Theory]
    [InlineData("validate: { a/b: span-corruption }", "cannot name a denoiser")]
    [InlineData("validate: { R: span-corruption, r: span-corruption }", "measured twice")]
    [InlineData("validate: { M: { kind: with-mode, mode: \"<extra_id_0>\", denoiser: span-corruption } }", "has a sentinel in it")]
    [InlineData("validate: { M: { kind: with-mode, mode: \"[NLU]\", denoiser: span-corruption, mode-length: 64 } }", "have no room for a text")]
    public void Denoisers_that_cannot_be_measured_are_told_by_name(string validate, string words)
    {
        var recipe = RecipeOf("ul2");
        var stage = Reader.Read<Stage>($"{{ kind: pretrain, objective: span-corruption, {validate}, input-length: 64, batch: 4, budget: {{ steps: 4 }} }}", "recipe.yaml");
        Assert.Contains(Assert.Throws<InputException>(() => Small.Materials(recipe with { Protocol = [stage] }, folder.Path)).Problems, problem => problem.What.Contains(words, StringComparison.Ordinal));
    }

    private static Recipe RecipeOf(string architecture) => Small.Recipe([.. Protocol.Select(stage => Reader.Read<Stage>(stage, "recipe.yaml"))], [Small.Shape("a") with { Vocabulary = 0 }]) with
    {
        Architecture = Reader.Read<Architecture>(architecture, "recipe.yaml"),
        Vocabulary = new BytesVocabulary { Added = ["[NLU]", "[NLG]", "[S2S]"] },
        Corpus = new Corpus([Sources.Smoke], Field: "text", HeldOut: 0.1),
    };

    private Allometry.Analysis.Study Run(Recipe recipe) => Small.Study(recipe, folder.Path);
}
