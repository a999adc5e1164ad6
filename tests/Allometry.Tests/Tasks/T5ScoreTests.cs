using System.Text.Json.Nodes;
using Allometry.Tasks;
using Allometry.Tasks.Metrics;
using Allometry.Tests.Golden;

namespace Allometry.Tests.Tasks;

/// <summary>Scores that look at more than one text a row, against T5's own post-processing and metrics.</summary>
public sealed class T5ScoreTests
{
    private static readonly JsonNode T5 = JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "t5-formats.json")))!;

    [Fact]
    public void Multirc_scores_answers_and_whole_questions()
    {
        var (golden, said) = Case("multirc");
        var targets = golden["target"]!.AsArray();
        var answers = new Answers(said, [.. targets.Select(target => (IReadOnlyList<string>)[Text(target!["label_text"]!)])], ["False", "True"])
        {
            Passed = [.. targets.Select(target => new Dictionary<string, string> { ["asked"] = target!["question_idx"]!.ToJsonString() })],
        };
        Same(golden, "f1", new F1(), answers);
        Same(golden, "exact_match", new GroupMatch("asked"), answers);
    }

    // T5 keeps the first row of each query; our data has one row a query where it is scored.
    [Fact]
    public void Record_scores_the_first_row_of_a_query_against_all_its_answers()
    {
        var (golden, said) = Case("record");
        var first = golden["target"]!.AsArray().Select((target, i) => (Target: target!, Said: said[i]))
            .DistinctBy(row => (row.Target["passage_idx"]!.ToJsonString(), row.Target["query_idx"]!.ToJsonString())).ToList();
        var answers = new Answers([.. first.Select(row => row.Said)], [.. first.Select(row => Texts(row.Target["answers"]!))]);
        Same(golden, "em", new ExactMatch(), answers);
        Same(golden, "f1", new TokenF1(), answers);
    }

    [Fact]
    public void Wsc_scores_whether_the_prediction_names_the_referent()
    {
        var (golden, said) = Case("wsc_simple_eval");
        var targets = golden["target"]!.AsArray();
        var answers = new Answers(said, [.. targets.Select(target => (IReadOnlyList<string>)[Text(target!["referent"]!)])])
        {
            Passed = [.. targets.Select(target => new Dictionary<string, string> { ["label"] = target!["label"]!.GetValue<int>() == 1 ? "true" : "false" })],
        };
        Same(golden, "accuracy", new Referent("label"), answers);
    }

    [Fact]
    public void A_prediction_names_a_referent_where_T5_says_so()
    {
        foreach (var golden in T5["post"]!.AsArray().Where(golden => Text(golden!["task"]!) == "wsc_simple_eval"))
        {
            int expected = golden!["result"]!.GetValue<int>(), ours = Referent.Same(Text(golden["prediction"]!), Text(golden["target"]!)) switch { true => 1, false => 0, null => -1 };
            Assert.True(expected == ours, golden.ToJsonString());
        }
    }

    [Fact]
    public void Squad_takes_the_best_of_several_padded_answers()
    {
        var (golden, said) = Case("squad");
        var answers = new Answers(said, [.. golden["target"]!.AsArray().Select(target => Texts(target!))]);
        Same(golden, "em", new ExactMatch(), answers);
        Same(golden, "f1", new TokenF1(), answers);
    }

    [Fact]
    public void Cnn_and_daily_mail_begin_a_sentence_behind_a_full_stop_that_stands_alone()
    {
        var (golden, said) = Case("cnn_dailymail");
        var answers = Answers.Of(said, Texts(golden["target"]!));
        Same(golden, "rouge1", new Rouge1(), answers);
        Same(golden, "rouge2", new Rouge2(), answers);
        Same(golden, "rougeLsum", new RougeLsum(Stops: true), answers);
    }

    [Fact]
    public void A_metric_without_its_column_says_so() =>
        Assert.Contains("'asked'", Assert.Throws<ArgumentException>(() => new GroupMatch("asked").Score(Answers.Of(["True"], ["True"]))).Message, StringComparison.Ordinal);

    private static (JsonNode Golden, string[] Said) Case(string task)
    {
        var golden = T5["metrics"]!.AsArray().Single(golden => Text(golden!["task"]!) == task)!;
        return (golden, Texts(golden["prediction"]!));
    }

    private static void Same(JsonNode golden, string name, Metric metric, Answers answers) => Assert.Equal(golden["result"]![name]!.GetValue<double>(), 100 * metric.Score(answers), 1e-6);

    private static string[] Texts(JsonNode node) => [.. node.AsArray().Select(item => Text(item!))];

    private static string Text(JsonNode node) => node.GetValue<string>();
}
