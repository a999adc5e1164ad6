using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Tests.Tasks;

/// <summary>The data sets that a person has, whole: as many rows as are published; the scores of always saying the same, counted independently of this program; and those of the right answers.</summary>
public sealed class UsersCopyTests
{
    [Theory]
    [InlineData("sst2", 67_349, 872, 0, "accuracy 0.5092")]
    [InlineData("cola", 8_551, 1_043, 0, "matthews 0")]
    [InlineData("mrpc", 3_668, 408, 1_725, "f1 0.7987|accuracy 0.6649")]
    [InlineData("stsb", 5_749, 1_500, 1_379, "pearson 0|spearman 0")]
    [InlineData("qnli", 0, 5_463, 0, "accuracy 0.5054")]
    [InlineData("wnli", 635, 71, 0, "accuracy 0.5634")]
    [InlineData("boolq", 0, 3_270, 0, "accuracy 0.6217")]
    [InlineData("cb", 250, 56, 0, "macro-f1 0.2222|accuracy 0.5")]
    [InlineData("copa", 400, 100, 0, "accuracy 0.45")]
    [InlineData("multirc", 27_243, 4_848, 0, "f1 0|group-match 0.0031")]
    [InlineData("rte", 2_490, 277, 0, "accuracy 0.5271")]
    [InlineData("wic", 5_428, 638, 0, "accuracy 0.5")]
    [InlineData("wsc", 259, 104, 0, "referent 0.625")]
    [InlineData("axb", 0, 0, 1_104, "matthews 0")]
    [InlineData("axg", 0, 0, 356, "accuracy 0.5")]
    [InlineData("xquad", 0, 0, 1_190, "")]
    [InlineData("samsum", 14_731, 818, 819, "")]
    public void Has_every_row(string name, int train, int validation, int test, string majority)
    {
        var data = TaskData.Load(Found(name));
        int Rows(Split split) => data.Has(split) ? data.Of(split).Count : 0;
        Assert.Equal((train, validation, test), (Rows(Split.Train), Rows(Split.Validation), Rows(Split.Test)));

        var split = test > 0 ? Split.Test : Split.Validation;
        TaskResult Say(Func<TextExample, string> text) => Evaluation.Result(data, split, [.. data.Of(split).Select(example => new Prediction(example, text(example)))]);
        if (majority.Length > 0) Assert.Equal(majority.Split('|'), Say(_ => data.Majority).Scores.Select(score => $"{score.Metric} {Math.Round(score.Value, 4)}"));
        Assert.All(Say(example => example.References[^1]).Scores, score => Assert.Equal(score.Metric == "referent" ? 0.3654 : 1, score.Value, 4));
    }

    /// <summary>The task on the files that are there; without train where only others are.</summary>
    private static TextTask Found(string name)
    {
        var task = DataFiles.Located(Reader.Read<TextTask>(name, "recipe.yaml"), ".");
        var scored = (task.Files.Test ?? task.Files.Validation)![0];
        Assert.SkipUnless(TableFile.OnDisk(scored) is not null, $"{scored} is not there: set {DataFolder.Variable} to the folder that holds it.");
        return task.Files.Train?.All(path => TableFile.OnDisk(path) is not null) == false ? task with { Files = task.Files with { Train = null } } : task;
    }
}
