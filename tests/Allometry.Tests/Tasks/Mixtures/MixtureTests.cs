using System.Text.Json.Nodes;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using Allometry.Tests.Golden;
using Allometry.Text;
using CsCheck;

namespace Allometry.Tests.Tasks.Mixtures;

public sealed class MixtureTests
{
    private static readonly JsonNode T5 = JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "t5-formats.json")))!;

    // The reference's name of a task and metric, and ours.
    private static readonly Dictionary<string, (string Task, string Metric)> Ours = new()
    {
        ["glue_cola_v002/matthews_corrcoef"] = ("cola", "matthews"),
        ["glue_sst2_v002/accuracy"] = ("sst2", "accuracy"),
        ["glue_mrpc_v002/f1"] = ("mrpc", "f1"),
        ["glue_mrpc_v002/accuracy"] = ("mrpc", "accuracy"),
        ["glue_stsb_v002/pearson_corrcoef"] = ("stsb", "pearson"),
        ["glue_stsb_v002/spearman_corrcoef"] = ("stsb", "spearman"),
        ["glue_qqp_v002/f1"] = ("qqp", "f1"),
        ["glue_qqp_v002/accuracy"] = ("qqp", "accuracy"),
        ["glue_mnli_matched_v002/accuracy"] = ("mnli", "accuracy"),
        ["glue_mnli_mismatched_v002/accuracy"] = ("mnli-mismatched", "accuracy"),
        ["glue_qnli_v002/accuracy"] = ("qnli", "accuracy"),
        ["glue_rte_v002/accuracy"] = ("glue-rte", "accuracy"),
        ["super_glue_boolq_v102/accuracy"] = ("boolq", "accuracy"),
        ["super_glue_cb_v102/mean_3class_f1"] = ("cb", "macro-f1"),
        ["super_glue_cb_v102/accuracy"] = ("cb", "accuracy"),
        ["super_glue_copa_v102/accuracy"] = ("copa", "accuracy"),
        ["super_glue_multirc_v102/f1"] = ("multirc", "f1"),
        ["super_glue_multirc_v102/exact_match"] = ("multirc", "group-match"),
        ["super_glue_record_v102/f1"] = ("record", "token-f1"),
        ["super_glue_record_v102/em"] = ("record", "exact-match"),
        ["super_glue_rte_v102/accuracy"] = ("rte", "accuracy"),
        ["super_glue_wic_v102/accuracy"] = ("wic", "accuracy"),
        ["super_glue_wsc_v102_simple_eval/accuracy"] = ("wsc", "referent"),
    };

    [Theory]
    [InlineData("glue", "glue_average")]
    [InlineData("super-glue", "super_glue_average")]
    public void The_average_of_a_benchmark_is_T5s(string name, string golden)
    {
        var mixture = Reader.Read<Mixture>(name, "recipe.yaml");
        var results = Results(T5["averages"]!["metrics"]!.AsObject());
        Assert.All(mixture.Tasks, task => Assert.Equal(task.Metrics.Select(metric => metric.Name).Order(), results.Single(result => result.Task == task.Name).Scores.Select(score => score.Metric).Order()));

        Assert.Equal(T5["averages"]![golden]!.GetValue<double>(), mixture.Together(results)!.Primary.Value, 9);
        Assert.Null(mixture.Together([.. results.Skip(1).Take(5)]));
    }

    [Fact]
    public void Rates_and_probabilities_are_T5s()
    {
        var task = Reader.Read<TextTask>("cola", "recipe.yaml");
        foreach (var golden in T5["mixing"]!.AsArray())
        {
            var settings = golden!["settings"]!.AsObject();
            var rates = Reader.Read<MixingRates>(new JsonObject(settings.Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())).Append(new("kind", "proportional"))).ToJsonString(), "recipe.yaml");
            var ours = golden["examples"]!.AsObject().ToDictionary(pair => pair.Key, pair => rates.Of(task, pair.Value!.GetValue<int>()));
            foreach (var (name, rate) in golden["rates"]!.AsObject()) Assert.Equal(rate!.GetValue<double>(), ours[name], 1e-6);
            foreach (var (name, share) in golden["probabilities"]!.AsObject()) Assert.Equal(share!.GetValue<double>(), ours[name] / ours.Values.Sum(), 1e-9);
        }
    }

    [Fact]
    public void A_task_by_itself_is_the_mixture_of_that_task_and_is_written_as_it_was()
    {
        var (task, mixture) = (Reader.Read<TextTask>("sst2", "recipe.yaml"), Reader.Read<Mixture>("sst2", "recipe.yaml"));
        Assert.True(mixture.IsSingle);
        Assert.Equal(Canonical.Json(task), Canonical.Json(mixture));
    }

    [Theory]
    [InlineData("glue")]
    [InlineData("{ kind: super-glue, rates: { kind: proportional, maximum: 65536, temperature: 2 } }")]
    [InlineData("{ name: two, tasks: [cola, { kind: sst2, input-length: 64 }], rates: { kind: fixed, rates: { cola: 1, sst2: 3 } } }")]
    [InlineData("{ name: two, tasks: [cola, sst2], rates: equal, average: [[cola, sst2]] }")]
    public void A_mixture_reads_back_from_its_canonical_JSON(string yaml)
    {
        var mixture = Reader.Read<Mixture>(yaml, "recipe.yaml");
        Assert.False(mixture.IsSingle);
        Assert.Equal(Canonical.Json(mixture), Canonical.Json(Canonical.Parse<Mixture>(Canonical.Json(mixture))));
    }

    [Theory]
    [InlineData("glu", "there is no ready task or mixture 'glu'; did you mean 'glue'?")]
    [InlineData("{ name: a, tasks: [] }", "there is no task")]
    [InlineData("{ name: a, tasks: [cola, cola] }", "two tasks are called 'cola'")]
    [InlineData("{ name: cola, tasks: [cola, sst2] }", "one of its tasks is called 'cola' too")]
    [InlineData("{ name: a, tasks: [axb, xquad] }", "no task has files to learn from")]
    [InlineData("{ name: a, tasks: [cola, sst2], average: [[cola], [sst]] }", "there is no task 'sst' in the mixture; did you mean 'sst2'?")]
    [InlineData("{ name: a, tasks: [cola, sst2], rates: { kind: fixed, rates: { cola: 1 } } }", "the task 'sst2' has no rate")]
    [InlineData("{ name: a, tasks: [cola, sst2], rates: { kind: fixed, rates: { cola: -1, sst2: 1 } } }", "the rate of 'cola' is -1")]
    [InlineData("{ name: a, tasks: [cola, sst2], rates: { kind: proportional, temperature: 0 } }", "'temperature' of proportional is '0'")]
    public void What_is_wrong_with_a_mixture_is_said(string yaml, string what) =>
        Assert.Contains(what, Assert.Throws<InputException>(() => Reader.Read<Mixture>(yaml, "recipe.yaml")).Message, StringComparison.Ordinal);

    private static List<TaskResult> Results(JsonObject metrics) =>
        [.. metrics.Select(pair => (Ours[pair.Key].Task, Score: new MetricScore(Ours[pair.Key].Metric, pair.Value!.GetValue<double>(), 0)))
            .GroupBy(pair => pair.Task).Select(group => new TaskResult(group.Key, Split.Validation, [.. group.Select(pair => pair.Score)], []))];
}
