using System.Text;
using System.Text.Json.Nodes;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Tests.Tasks;

/// <summary>What people's files have wrong with them, told by file, line and how to mend it.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private readonly TaskFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("sst2", "sentence", "text", "dev.tsv:2", "lacks the column 'sentence'")]
    [InlineData("sst2", "sentence\tlabel\n", "", "dev.tsv:2", "lacks the column 'sentence'")]
    [InlineData("sst2", "film \t1", "film \tgood", "dev.tsv:2", "holds 'good', which is no label")]
    [InlineData("mrpc", "1\t1\t2\t", "1\t1\t", "msr_paraphrase_test.txt:2", "has 4 cells where the table has 5 columns")]
    [InlineData("stsb", "\"5.0\"", "\"five\"", "stsb-en-dev.csv:1", "holds 'five', which is no number")]
    [InlineData("stsb", "\"A cup is", "\"A \"cup\" is", "stsb-en-dev.csv:2", "has a double quote inside a cell")]
    [InlineData("wnli", "\t1\n", "\t2\n", "dev.tsv:2", "holds '2', which is no label")]
    [InlineData("boolq", "true", "\"yes\"", "train.jsonl:1", "holds 'yes', which is no label")]
    [InlineData("cb", "}\n", "\n", "train.jsonl:1", "is not a JSON object")]
    [InlineData("multirc", "\"answers\"", "\"answer\"", "train.jsonl:1", "'passage' is not as published at questions[0]")]
    [InlineData("multirc", "\"passage\"", "\"paragraph\"", "train.jsonl:1", "lacks the column 'passage'")]
    [InlineData("multirc", "\"label\":1", "\"label\":2", "train.jsonl:1 (question 0)", "holds '2', which is no label")]
    [InlineData("record", "\"start\":", "\"begin\":", "train.jsonl:1", "'passage' is not as published at entities[0]")]
    [InlineData("record", "\"end\":", "\"end\":9", "train.jsonl:1", "outside its passage")]
    [InlineData("wsc", "\"span2_index\":4", "\"span2_index\":5", "val.jsonl:1", "word 5 of its text is not the pronoun 'she'")]
    [InlineData("wsc", "\"label\":true", "\"label\":1", "train.jsonl:1", "holds '1', which is no label")]
    [InlineData("squad", "\"qas\"", "\"questions\"", "train-v1.1.json:1", "'data' is not as published at [0].paragraphs[0]")]
    [InlineData("squad", "\"text\": \"1820\"", "\"text\": 1820", "train-v1.1.json:1", "'data' is not as published at [0].paragraphs[0].qas[0].answers[0].text")]
    public void A_wrong_row_is_told_with_its_place(string name, string from, string to, string where, string what)
    {
        var task = Published(name, text => Assert.Contains(from, text, StringComparison.Ordinal), text => text.Replace(from, to, StringComparison.Ordinal));
        var problems = Assert.Throws<InputException>(() => TaskData.Load(task)).Problems;
        Assert.Contains(problems, problem => problem.Where.EndsWith(where, StringComparison.Ordinal) && problem.What.Contains(what, StringComparison.Ordinal));
        Assert.All(problems, problem => Assert.NotEmpty(problem.Mend));
    }

    [Theory]
    [InlineData("cb", "is not a JSON object")]
    [InlineData("squad", "is neither one JSON document nor a JSON object a line")]
    [InlineData("stsb", "opens a double quote that is never closed")]
    [InlineData("samsum", "is in an archive that is not whole")]
    public void A_file_that_was_cut_short_is_told(string name, string what)
    {
        var task = folder.Publish(name, PublishedFiles.Rows(PublishedFiles.Golden(name)));
        var file = TableFile.OnDisk(task.Files.Validation![0])!;
        var whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..(whole.Length - (whole.Length / 3))]);
        Assert.Contains(what, Assert.Throws<InputException>(() => TaskData.Load(task)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sst2")]
    [InlineData("stsb")]
    [InlineData("cb")]
    [InlineData("squad")]
    public void A_file_in_Latin_1_is_told_with_the_line(string name)
    {
        var task = folder.Publish(name, PublishedFiles.Rows(PublishedFiles.Golden(name)));
        var file = task.Files.Validation![0];
        var lines = File.ReadAllLines(file);
        lines[^1] += "é";
        File.WriteAllBytes(file, Encoding.Latin1.GetBytes(string.Join('\n', lines)));
        var problem = Assert.Throws<InputException>(() => TaskData.Load(task)).Problems.Single(problem => problem.What == "is not UTF-8");
        Assert.Equal($"{file}:{lines.Length}", problem.Where);
    }

    [Fact]
    public void A_file_with_a_byte_order_mark_is_read_in_the_encoding_that_it_names()
    {
        var task = folder.Publish("cb", PublishedFiles.Rows(PublishedFiles.Golden("cb")));
        var right = TaskData.Load(task).Of(Split.Validation);
        File.WriteAllText(task.Files.Validation![0], File.ReadAllText(task.Files.Validation[0]), Encoding.Unicode);
        Assert.Equal(right, TaskData.Load(task).Of(Split.Validation));
    }

    [Fact]
    public void A_member_that_an_archive_lacks_is_told_with_the_nearest()
    {
        var task = folder.Publish("samsum", PublishedFiles.Rows(PublishedFiles.Golden("samsum")));
        var problem = Assert.Single(Assert.Throws<InputException>(() => TaskData.Load(task with { Files = task.Files with { Test = [task.Files.Test![0].Replace("test", "tests", StringComparison.Ordinal)] } })).Problems);
        Assert.Equal(("is not in the archive", "did you mean 'samsum/test.csv'?"), (problem.What, problem.Mend));
    }

    private TextTask Published(string name, Action<string> check, Func<string, string> change)
    {
        var rows = PublishedFiles.Rows(PublishedFiles.Golden(name == "wsc" ? "wsc_simple_eval" : name));
        var task = folder.Publish(name, [.. rows.Where(row => row["label"]?.GetValue<double>() is null or >= 0 && row["answers"] is not JsonArray { Count: 0 })]);
        foreach (var path in DataFiles.In(task))
        {
            var text = File.ReadAllText(path);
            check(text);
            File.WriteAllText(path, change(text));
        }

        return task;
    }
}
