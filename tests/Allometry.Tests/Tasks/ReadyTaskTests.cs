using System.Text.Json.Nodes;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Tests.Tasks;

/// <summary>The ready tasks end to end on hand-made rows: the published file, T5's texts, predictions, scores worked out by hand.</summary>
public sealed class ReadyTaskTests : IDisposable
{
    private readonly TaskFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Names => [.. Catalogue.Of(typeof(TextTask)).Where(entry => entry.IsPreset).Select(entry => entry.Name)];

    /// <summary>Predictions for the first rows of the split that is scored, and every score of theirs.</summary>
    [Theory]
    [InlineData("cola", "cola", "acceptable|acceptable", "matthews 0")]
    [InlineData("sst2", "sst2", "positive|Negative", "accuracy 0.5")]
    [InlineData("mrpc", "mrpc", "equivalent|equivalent", "f1 0.6667|accuracy 0.5")]
    [InlineData("stsb", "stsb", "4.0|1.0", "pearson 1|spearman 1")]
    [InlineData("qqp", "qqp", "duplicate|not a duplicate", "f1 0.6667|accuracy 0.5")]
    [InlineData("mnli", "mnli", "entailment|contradiction", "accuracy 0.5")]
    [InlineData("mnli-mismatched", "mnli", "entailment|neutral", "accuracy 1")]
    [InlineData("qnli", "qnli", "entailment|entailment", "accuracy 0.5")]
    [InlineData("glue-rte", "rte", "not_entailment|entailment", "accuracy 0")]
    [InlineData("wnli", "wnli", "entailment|not_entailment", "accuracy 1")]
    [InlineData("boolq", "boolq", "True|true", "accuracy 0.5")]
    [InlineData("cb", "cb", "entailment|entailment", "macro-f1 0.2222|accuracy 0.5")]
    [InlineData("copa", "copa", "choice1|choice1", "accuracy 0.5")]
    [InlineData("multirc", "multirc", "True|True", "f1 0.6667|group-match 0")]
    [InlineData("record", "record", "the Dunn|Rao", "token-f1 1|exact-match 1")]
    [InlineData("rte", "super_glue_rte", "entailment|not_entailment", "accuracy 1")]
    [InlineData("axb", "super_glue_rte", "entailment|not_entailment", "matthews 1")]
    [InlineData("axg", "super_glue_rte", "entailment|entailment", "accuracy 0.5")]
    [InlineData("wic", "wic", "True|True", "accuracy 0.5")]
    [InlineData("wsc", "wsc_simple_eval", "Alva|Petra", "referent 0.5")]
    [InlineData("squad", "squad", "built in 1820|five dollars", "token-f1 0.4|exact-match 0")]
    [InlineData("squad-context-free", "squad_context_free", "1820|the Rome", "token-f1 1|exact-match 1")]
    [InlineData("xquad", "squad", "1820|$ 5 _ 000", "token-f1 1|exact-match 1")]
    [InlineData("samsum", "samsum", "Ann and Bo will have lunch at one.|Kim is here", "rouge-1 0.7857|rouge-2 0.7|rouge-lsum 0.7857")]
    [InlineData("cnn-dailymail", "cnn_dailymail", "council votes to plant trees|line two\nline one", "rouge-1 1|rouge-2 0.8333|rouge-lsum 1")]
    public void A_row_as_published_becomes_T5s_text_and_is_scored(string name, string golden, string said, string scores)
    {
        var goldens = PublishedFiles.Golden(golden).Where(IsLabelled).ToList();
        var task = folder.Publish(name, PublishedFiles.Rows(goldens));
        var data = TaskData.Load(task);
        var split = data.Has(Split.Train) ? Split.Train : data.Has(Split.Validation) ? Split.Validation : Split.Test;
        if (task.Files is { Train: not null, Validation: null }) split = Split.Test; // a part of train is held out

        Assert.Equal(Expected(name, golden, split), data.Of(split).Select(row => (row.Input, row.Target)).ToHashSet());
        Assert.Equal(data.Of(split).Select(row => row.Input), data.Tokenize(split, new ByteTokenizer()).Examples.Select(example => new ByteTokenizer().Decode(example.Inputs)));
        Assert.Equal(scores.Split('|'), Scores(task, said.Split('|')).Select(score => $"{score.Metric} {Math.Round(score.Value, 4)}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_ready_task_is_here(string name)
    {
        var tested = typeof(ReadyTaskTests).GetMethod(nameof(A_row_as_published_becomes_T5s_text_and_is_scored))!.GetCustomAttributes(typeof(InlineDataAttribute), false);
        Assert.Contains(name, tested.Select(data => ((InlineDataAttribute)data).Data[0]));
        Assert.NotNull(folder.Ready(name).Files.Source);
    }

    [Fact]
    public void Every_right_answer_to_a_question_is_a_reference()
    {
        var goldens = PublishedFiles.Golden("squad");
        var squad = TaskData.Load(folder.Publish("squad", PublishedFiles.Rows(goldens))).Of(Split.Validation);
        Assert.Equal(goldens.Select(row => row["passed_on"]!["answers"]!.AsArray().Select(answer => answer!.GetValue<string>())), squad.Select(row => row.References));

        var record = TaskData.Load(folder.Publish("record", PublishedFiles.Rows(PublishedFiles.Golden("record").Where(IsLabelled))));
        Assert.Equal(["Asha Rao", "Rao"], record.Of(Split.Validation)[1].References);
        Assert.Equal(["Dunn", "Asha Rao", "Rao"], record.Of(Split.Train).Select(row => row.Target));
        Assert.Equal(2, record.Of(Split.Validation).Count);
    }

    [Theory]
    [InlineData("cola", "which is no label")]
    [InlineData("record", "has no answers")]
    public void A_row_without_a_label_is_refused_where_T5_writes_unk(string name, string what)
    {
        var unlabelled = PublishedFiles.Rows(PublishedFiles.Golden(name).Where(golden => !IsLabelled(golden)));
        Assert.NotEmpty(unlabelled);
        Assert.Contains(what, Assert.Throws<InputException>(() => TaskData.Load(folder.Publish(name, unlabelled))).Problems[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_rows_of_qqp_are_left_out_and_long_ones_refused()
    {
        var task = folder.Publish("qqp", PublishedFiles.Rows(PublishedFiles.Golden("qqp")));
        File.AppendAllText(task.Files.Validation![0], "404276\tonly half\n");
        Assert.Equal(2, TaskData.Load(task).Of(Split.Validation).Count);
        File.AppendAllText(task.Files.Validation[0], "1\t2\t3\ta\tb\t0\tmore\n");
        Assert.Contains("7 cells where the table has 6", Assert.Throws<InputException>(() => TaskData.Load(task)).Message, StringComparison.Ordinal);
    }

    private static HashSet<(string, string)> Expected(string name, string golden, Split split) =>
        [.. PublishedFiles.Golden(name == "wsc" && split == Split.Train ? "wsc_simple_train" : golden).Where(IsLabelled)
            .Where(row => row["inputs"] is not null).Select(row => (row["inputs"]!.GetValue<string>(), row["targets"]!.GetValue<string>()))];

    private static IEnumerable<MetricScore> Scores(TextTask task, string[] said)
    {
        var files = task.Files with { Train = null, Validation = null, Test = task.Files.Test ?? task.Files.Validation, Limit = null };
        var data = TaskData.Load(task with { Files = files });
        var examples = data.Of(Split.Test).Take(said.Length).ToList();
        var few = TaskData.Of(data.Task, new() { [Split.Test] = examples });
        return Evaluation.Result(few, Split.Test, [.. examples.Zip(said, (example, text) => new Prediction(example, text))]).Scores;
    }

    private static bool IsLabelled(JsonNode golden) =>
        (golden["row"]!["answers"] is not JsonArray answers || answers.Count > 0) && (golden["task"]!.GetValue<string>() == "stsb" || golden["row"]!["label"]?.GetValue<int>() is null or >= 0);
}
