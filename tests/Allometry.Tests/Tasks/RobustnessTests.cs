using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Tests.Tasks;

public class RobustnessTests
{
    private static readonly TextTask Task = Reader.Read<TextTask>("{ name: t, files: { test: none.csv }, prompt: '{x}', answer: { kind: label, column: y, labels: [a, b], decide: rank }, metrics: [accuracy, matthews] }", "test");

    [Fact]
    public void The_score_is_what_is_left_of_the_clean_one_and_above_the_majority()
    {
        // Right 9 of 10 as they are, 6 and 7 of 10 in two draws; the majority has 5 of 10.
        var score = Of("aaaaabbbba", "bbbaabbbba", "bbaaabbbba").Of(0, resamples: 500);
        Assert.Equal((0.9, 0.65, 0.5), (score.Clean, Math.Round(score.Perturbed, 12), score.Majority));
        Assert.Equal(0.65 / 0.9, score.Ratio!.Value, 1e-12);
        Assert.Equal(0.15 / 0.4, score.AboveMajority!.Value, 1e-12);
        Assert.InRange(score.Ratio.Value, score.Interval!.Value.Low, score.Interval.Value.High);
        Assert.InRange(score.Interval.Value.High - score.Interval.Value.Low, 0.2, 0.8);
    }

    [Fact]
    public void What_changes_nothing_leaves_everything_and_what_is_not_above_zero_has_no_ratio()
    {
        var same = Of("aaaaabbbba", "aaaaabbbba").Of(1, resamples: 50);
        Assert.Equal((1, (1.0, 1.0)), (same.Ratio, same.Interval));
        var worse = Of("bbbbbaaaaa", "aaaaabbbba").Of(1, resamples: 50);
        Assert.Equal((null, null, null), (worse.Ratio, worse.Interval, worse.AboveMajority));
        Assert.Null(Of("aaaaabbbba", "aaaaabbbba").Of(0, resamples: 0).Interval);
    }

    /// <summary>What was said of ten examples, five of which are a and five b.</summary>
    private static Robustness Of(string clean, params string[] perturbed)
    {
        List<TextExample> texts = [.. Enumerable.Range(0, 10).Select(i => new TextExample($"text {i}", i < 5 ? "a" : "b", $"t:{i}"))];
        var data = TaskData.Of(Task, new() { [Split.Test] = texts });
        TaskResult Result(string said) => Evaluation.Result(data, Split.Test, [.. said.Select((letter, i) => new Prediction(texts[i], letter.ToString()))]);
        return new(data, Split.Test, Result(clean), [.. perturbed.Select(Result)]);
    }
}
