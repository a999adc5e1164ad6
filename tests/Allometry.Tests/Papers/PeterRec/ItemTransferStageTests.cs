using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Reports;
using Allometry.Tasks.Items;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Tests.Papers.PeterRec;

/// <summary>Pre-training on one domain and questions about another, from YAML to the report. Users are of four kinds, and each kind meets its own items.</summary>
public sealed class ItemTransferStageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>As a recipe writes it: from its own folder.</summary>
    private static readonly ItemDomains Domains = new("users.txt", "attributes.json", 9);

    public ItemTransferStageTests()
    {
        var lines = Enumerable.Range(0, 160).Select(user =>
        {
            var (kind, random) = (user % 4, RandomStream.For(1, "users", user));
            var sources = Enumerable.Range(0, 6).Select(_ => $"s{kind}{random.Below(5)}");
            return $"{user} {string.Join(' ', sources)} t{kind}{random.Below(2)}\n";
        });
        var attributes = Enumerable.Range(0, 8).Select(target => $"\"t{target / 2}{target % 2}\": [9, {target / 2}]");
        folder.File(Domains.Sequences, string.Concat(lines));
        folder.File(Domains.Attributes!, $"{{ {string.Join(", ", attributes)} }}");
    }

    public void Dispose() => folder.Dispose();

    [Theory, InlineData(true), InlineData(false)]
    public void Every_arm_is_trained_scored_and_set_beside_popularity_and_chance(bool causal)
    {
        var study = Small.Study(RecipeOf(causal,
            Transfer("tasks: [{ kind: next-items, answers: 8, others: 5 }, { kind: profile, answers: 4 }], from: [pretrain, scratch]"),
            Transfer("tasks: { kind: next-items, answers: 8, others: 5 }, adapt: { patch: { kind: convolution, width: 2 }, parts: [secondnorm, answers] }, loss: binary"),
            Transfer("tasks: { kind: next-items, answers: 8, others: 5, labels: 0.1, name: few-labels }, adapt: { parts: [answers] }")), folder.Path);
        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        Assert.Equal(["pretrain", "transfer-items", "transfer-items", "transfer-items", "transfer-items", "transfer-items", "transfer-items"], study.Runs.Select(run => run.Stage));
        Assert.Equal(["", "pretrain", "scratch", "pretrain", "scratch", "pretrain", "pretrain"], study.Runs.Select(run => run.From));
        Assert.Equal(7, study.Runs.Select(run => (run.Stage, run.Task, run.From, string.Join(' ', run.Arm))).Distinct().Count());
        var pretrained = study.Runs[0].Curves["validation-loss"];
        Assert.True(pretrained[^1].Value < pretrained[0].Value - 0.1);

        foreach (var run in study.Runs.Skip(1))
        {
            Assert.Equal(32, run.Result($"{run.Task}/examples"));
            Assert.All(run.Measures(), measure => Assert.True(double.IsFinite(run.Result($"{measure}/majority")) && double.IsFinite(run.Result($"{measure}/chance"))));
        }

        var full = study.Runs[1];
        Assert.True(full.Result("next-items/full-mrr") > full.Result("next-items/full-mrr/majority") + 0.2);
        Assert.Equal((5 / 6.0, (1 + (1 / 2.0) + (1 / 3.0) + (1 / 4.0) + (1 / 5.0)) / 8), (full.Result("next-items/hit-rate/chance"), full.Result("next-items/full-mrr/chance")), (one, other) => Math.Abs(one.Item1 - other.Item1) + Math.Abs(one.Item2 - other.Item2) < 1e-12);
        Assert.True(study.Runs.Single(run => run.Task == "profile" && run.From == "pretrain").Result("profile/accuracy") > 0.9);
        Assert.True(double.IsFinite(full.Result("next-items/validation/mrr")));

        var table = Report.From(study).Tables.Single(table => table.Name == "adaptation");
        var row = table.Rows.Single(row => row[1].Text.Contains("convolution", StringComparison.Ordinal) && row[4].Text == "next-items mrr");
        // Two blocks: 2 (2 * 8 * 2 + 2 + 8) + 2 * 8 of each, and 8 answers of width 8; of a network of 32 rows.
        Assert.Equal([2L * (84 + 16) + 64, full.Result("next-items/mrr/majority"), full.Result("next-items/mrr/chance")], [row[2].Value, row[8].Value, row[7].Value]);
    }

    [Fact]
    public void Tasks_share_one_network_whose_bits_they_keep_and_save_only_what_they_changed()
    {
        const string adapt = "adapt: { patch: { kind: convolution, width: 2, sites: serial1 }, parts: [secondnorm, answers] }";
        var study = Small.Study(RecipeOf(true, Transfer($"tasks: [{{ kind: next-items, answers: 8, others: 5 }}, {{ kind: profile, answers: 4 }}], {adapt}")), folder.Path);
        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        string At(int run) => Path.Combine(folder.Path, "store", "artifacts", study.Runs[run].Id, "model");
        using var backbone = Checkpoint.Load(At(0));
        var adaptation = Reader.Read<Adaptation>(adapt[7..], "recipe.yaml");
        foreach (var task in (int[])[1, 2])
        {
            using var file = SafetensorsFile.Open(Path.Combine(At(task), "model.safetensors"));
            using var tuned = Checkpoint.Load(At(task));
            var names = tuned.named_parameters().Select(parameter => parameter.name).ToList();
            Assert.Equal(names.Where(adaptation.Trains).Order(), file.Entries.Keys.Order());
            var kept = tuned.named_parameters().Where(parameter => !adaptation.Trains(parameter.name)).ToList();
            Assert.Equal(backbone.named_parameters().Count(parameter => parameter.name != "head.weight" && !adaptation.Trains(parameter.name)), kept.Count);
            Assert.All(kept, parameter => Assert.Equal(backbone.get_parameter(parameter.name)!.bytes, parameter.parameter.bytes));
            Assert.All(tuned.named_parameters().Where(parameter => parameter.name.Contains("secondnorm", StringComparison.Ordinal)), parameter => Assert.False(backbone.get_parameter(parameter.name)!.bytes.SequenceEqual(parameter.parameter.bytes)));
            Assert.Equal(study.Runs[task].Result(StudyRun.TrainedParameters), file.Entries.Values.Sum(entry => entry.Shape.Aggregate(1L, (product, size) => product * size)));
        }
    }

    [Fact]
    public void What_a_run_takes_is_counted_at_the_lengths_of_its_histories()
    {
        var recipe = RecipeOf(true, Transfer("tasks: { kind: next-items, answers: 8 }, adapt: { parts: [answers] }"));
        var materials = Small.Materials(recipe, folder.Path);
        var plan = recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        var (shape, network) = (plan.Runs[0].Run.Shape, Network.Of(causal: true));
        var seen = plan.Runs.Select(run => run.Run.Stage.Look(run.Run, materials)!).ToList();
        Assert.Equal(network.Count(shape, new(16, 1, 4)).TrainingFlops, seen[0].StepFlops); // the last five of six items, the first of them given
        Assert.Equal((network with { Answers = 8 }).Count(shape, new(16, 6, 1)).TrainingFlops, seen[1].StepFlops); // five items and the token
        Assert.Equal((network with { Answers = 8 }).Count(shape, new(16 + 32, 6, 1)).ForwardFlops, seen[1].ScoringFlops);
        Assert.Equal((1.0, 2.0), (seen[1].Passes, seen[1].ScoringPasses));
    }

    [Theory]
    [InlineData("tasks: { kind: next-items, answers: 7 }", "write answers: 8")]
    [InlineData("tasks: [profile, profile]", "two tasks are called 'profile'")]
    [InlineData("tasks: { kind: profile, answers: 4 }, adapt: { patch: { kind: convolution, width: 2 } }", "parts: [answers]")]
    [InlineData("tasks: { kind: profile, answers: 4 }, adapt: { parts: [thirdnorm, answers] }", "thirdnorm")]
    [InlineData("tasks: { kind: profile, answers: 4, least-sources: 7 }", "can be asked about")]
    [InlineData("tasks: { kind: profile, answers: 4 }, from: grow", "a grown network is no start")]
    public void What_stands_in_the_way_is_told_before_anything_runs(string members, string told) =>
        Assert.Contains(told, Assert.Throws<InputException>(() => Small.Materials(RecipeOf(true, Transfer(members)), folder.Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nothing_to_start_from_and_a_vocabulary_without_the_token_are_told()
    {
        var recipe = RecipeOf(true, Transfer("tasks: { kind: profile, answers: 4 }, from: pretrain"));
        var message = Assert.Throws<InputException>(() => Small.Materials(recipe with { Protocol = [recipe.Protocol[1]], Vocabulary = new ItemVocabulary(Domains) }, folder.Path)).Message;
        Assert.Contains("no pre-training to start from", message, StringComparison.Ordinal);
        Assert.Contains("[TCL]", message, StringComparison.Ordinal);
        Assert.Contains("read by one stack", Assert.Throws<InputException>(() => Small.Materials(recipe with { Architecture = new EncoderDecoder() }, folder.Path)).Message, StringComparison.Ordinal);
    }

    private static string Transfer(string members) => $"{{ kind: transfer-items, {members}, domains: {Written}, input-length: 5, batch: 16, optimizer: adamw, learning-rate: 0.02, budget: {{ steps: 40 }} }}";

    private static string Written => $"{{ sequences: {Domains.Sequences}, attributes: {Domains.Attributes}, attribute: 9 }}";

    private static Recipe RecipeOf(bool causal, params string[] stages)
    {
        var pretrain = $"{{ kind: pretrain, objective: {{ kind: {(causal ? "next-item" : "gap-filling")}, domains: {Written}, held-out: 0.2 }}, input-length: 5, batch: 16, optimizer: adamw, learning-rate: 0.02, budget: {{ steps: 40 }}, validate-every: 20 }}";
        return new("small", Network.Of(causal), new ItemVocabulary(Domains) { Added = [ItemVocabulary.TaskToken] }, [Network.Shape(causal, vocabulary: 0)],
            [.. stages.Prepend(pretrain).Select(stage => Reader.Read<Stage>(stage, "recipe.yaml"))], Threads: 1);
    }
}
