using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Reports;
using Allometry.Store;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;
using Allometry.Tests.Text;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Tests.Papers.MetroT0;

/// <summary>METRO from YAML to a plain checkpoint and to what is said of the auxiliary parts that it leaves behind.</summary>
public sealed class MetroStudyTests : IDisposable
{
    private const string Yaml = "{ kind: pretrain, objective: metro, validate: { R: span-corruption }, input-length: 40, batch: 8, validation-batches: 2, learning-rate: 0.01, optimizer: adamw, clip: 1, budget: { steps: 30 } }";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_learns_measures_itself_and_leaves_the_checkpoint_that_span_corruption_leaves()
    {
        var recipe = RecipeOf(Yaml);
        var materials = Small.Materials(recipe, folder.Path);
        var plan = recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        using var store = StudyStore.Open(Path.Combine(folder.Path, "store"));
        new Runner(plan, store, new Local(), new Desk(materials, new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default)).Run();
        var study = StudyReader.Read(store);
        var run = Assert.Single(study.Runs);
        Assert.Equal(("done", ""), (run.State, run.Reason ?? ""));
        string[] measures = ["auc", "detection-loss", "generator-loss", "recall", "replaced", "replaced-of-masked", "specificity"];
        Assert.Equal(measures, run.Results.Keys.Where(name => name.StartsWith("validation/", StringComparison.Ordinal)).Select(name => name[11..]).Order(StringComparer.Ordinal));
        Assert.InRange(run.Results["validation/replaced"], 0.05, 0.15);
        Assert.True(run.Curves["loss"][^1].Value < run.Curves["loss"][0].Value);
        Assert.True(run.Results["validation-loss/R"] > 0);
        Assert.Contains(Report.From(study).Tables.Single(table => table.Name == "objective-measures").Rows, row => row[2].Text == "recall");

        using var plain = new EncoderDecoder().Build(plan.Runs[0].Run.Shape);
        using var made = Checkpoint.Load(Path.Combine(store.ArtifactsOf(run.Id), "model"));
        Assert.Equal(plain.named_parameters().Select(pair => (pair.name, string.Join('x', pair.parameter.shape))), made.named_parameters().Select(pair => (pair.name, string.Join('x', pair.parameter.shape))));
        Assert.Equal(plain.parameters().Sum(parameter => parameter.numel()), run.Facts.Parameters);
        Assert.DoesNotContain("auxiliary.safetensors", Directory.EnumerateFiles(store.ArtifactsOf(run.Id), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public void A_step_costs_more_than_one_of_span_corruption_at_equal_lengths()
    {
        double Flops(string yaml) => RecipeOf(yaml).Expand(new Numerics(1), 384, file => file).Runs[0].Workload.StepFlops;
        var (metro, spans) = (Flops(Yaml), Flops(Yaml.Replace("objective: metro", "objective: span-corruption", StringComparison.Ordinal)));
        Assert.InRange(metro / spans, 1.3, 4);
    }

    [Theory]
    [InlineData("label-smoothing: 0.1")]
    [InlineData("z-weight: 0.0001")]
    public void What_its_loss_does_not_have_is_refused_and_not_left_out_in_silence(string option)
    {
        var recipe = RecipeOf(Yaml.Replace("clip: 1", $"clip: 1, {option}", StringComparison.Ordinal));
        Assert.Contains(Assert.Throws<InputException>(() => Small.Materials(recipe, folder.Path)).Problems, problem => problem.What.Contains("a loss of its own", StringComparison.Ordinal));
    }

    private static Recipe RecipeOf(string yaml) => Small.Recipe([Reader.Read<Stage>(yaml, "recipe.yaml")], [Small.Shape("a")]) with { Corpus = new Corpus([Sources.Smoke], Field: "text", HeldOut: 0.1) };
}
