using System.Text.Json.Nodes;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Tests.Golden;
using Allometry.Text;

namespace Allometry.Tests.Tasks;

/// <summary>The ready tasks against T5's own functions on hand-made rows, and against the true sizes where the user's copy is there.</summary>
public sealed class ReadyTaskTests : IDisposable
{
    private readonly TaskFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Sst2_writes_what_T5_writes()
    {
        var rows = Golden("sst2");
        var table = "sentence\tlabel\n" + string.Concat(rows.Select(row => $"{row["row"]!["sentence"]}\t{row["row"]!["label"]}\n"));
        folder.Write("glue/SST-2/train.tsv", table).Write("glue/SST-2/dev.tsv", table).Write("glue/SST-2/test.tsv", "sentence\tlabel\n\" quoted \" \t0\n");
        var data = TaskData.Load(folder.Ready("sst2"));

        Same(rows.Concat(rows), data.Of(Split.Train));
        Assert.Equal("sst2 sentence: \" quoted \" ", data.Of(Split.Validation)[0].Input);
        EndToEnd(data, ["positive", "Negative"], "accuracy", 0.5);
    }

    [Fact]
    public void Cola_writes_what_T5_writes()
    {
        var rows = Golden("cola").Where(row => row["row"]!["label"]!.GetValue<int>() >= 0).ToList();
        var table = string.Concat(rows.Select(row => $"gj04\t{row["row"]!["label"]}\t\t{row["row"]!["sentence"]}\n"));
        folder.Write("glue/CoLA/in_domain_train.tsv", table).Write("glue/CoLA/in_domain_dev.tsv", table).Write("glue/CoLA/out_of_domain_dev.tsv", "b\t0\t*\tHim runs.\n");
        var data = TaskData.Load(folder.Ready("cola"));

        Same(rows, data.Of(Split.Train));
        Assert.Equal(("cola sentence: Him runs.", "unacceptable"), (data.Of(Split.Validation)[2].Input, data.Of(Split.Validation)[2].Target));
        EndToEnd(data, ["acceptable", "acceptable"], "matthews", 0);
    }

    [Fact]
    public void Rte_writes_what_T5_writes()
    {
        var rows = Golden("super_glue_rte");
        string[] words = ["entailment", "not_entailment"];
        var table = string.Concat(rows.Select(row => new JsonObject
        {
            ["premise"] = row["row"]!["premise"]!.DeepClone(),
            ["hypothesis"] = row["row"]!["hypothesis"]!.DeepClone(),
            ["label"] = words[row["row"]!["label"]!.GetValue<int>()],
        }.ToJsonString() + "\n"));
        folder.Write("superglue/RTE/train.jsonl", table).Write("superglue/RTE/val.jsonl", table);
        var data = TaskData.Load(folder.Ready("rte"));

        Same(rows, data.Of(Split.Train));
        EndToEnd(data, ["entailment", "not_entailment"], "accuracy", 1);
    }

    [Theory]
    [InlineData("sst2", 67_349, 872, 0.5092)]
    [InlineData("cola", 8_551, 1_043, 0)]
    [InlineData("rte", 2_490, 277, 0.5271)]
    public void The_users_copy_has_the_rows_that_GLUE_publishes(string name, int train, int validation, double majority)
    {
        var task = DataFiles.Located(Reader.Read<TextTask>(name, "recipe.yaml"), ".");
        Assert.SkipUnless(File.Exists(task.Files.Train[0]), $"{task.Files.Train[0]} is not there: set {DataFolder.Variable} to the folder that holds it.");
        var data = TaskData.Load(task);

        Assert.Equal((train, validation), (data.Of(Split.Train).Count, data.Of(Split.Validation).Count));
        var always = data.Of(Split.Validation).Select(example => new Prediction(example, data.Majority)).ToList();
        Assert.Equal(majority, Evaluation.Result(data, Split.Validation, always).Primary.Value, 4);
    }

    private static void EndToEnd(TaskData data, string[] said, string metric, double score)
    {
        var tokenizer = new ByteTokenizer();
        var train = data.Tokenize(Split.Train, tokenizer).Examples;
        Assert.Equal(data.Of(Split.Train).Select(row => row.Input), train.Select(row => tokenizer.Decode(row.Inputs)));

        var first = TaskData.Load(data.Task with { Files = data.Task.Files with { Validation = [data.Task.Files.Train[0]], Limit = new RowLimits(Validation: said.Length) } });
        var result = Evaluation.Result(first, Split.Validation, [.. first.Of(Split.Validation).Zip(said, (example, text) => new Prediction(example, text))]);
        Assert.Equal((metric, score), (result.Primary.Metric, result.Primary.Value));
        Assert.Equal(0.5, result.Chance);
    }

    private static void Same(IEnumerable<JsonNode> rows, IReadOnlyList<TextExample> texts) => Assert.Equal(
        rows.Select(row => (row["inputs"]!.GetValue<string>(), row["targets"]!.GetValue<string>())),
        texts.Select(text => (text.Input, text.Target)));

    private static List<JsonNode> Golden(string task) =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "t5-formats.json")))!["formats"]!.AsArray().Where(row => row!["task"]!.GetValue<string>() == task).Select(row => row!)];
}
