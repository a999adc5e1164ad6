using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What the plan foretold against what it came to.</summary>
public static class CostPredictions
{
    public static IEnumerable<Block> Of(Findings findings)
    {
        var (time, memory) = (Prediction.OfSeconds(findings.Study), Prediction.OfMemory(findings.Study));
        Block[] blocks =
        [
            .. Part(time, "time", "Time of a run", "s", 1),
            .. Part(memory, "memory", "Memory of a run", "MiB", AxisScale.Of("bytes").Scale),
        ];
        return blocks.Length == 0 ? [] : [new Paragraph(Verdict(time, memory)), .. blocks];
    }

    private static IEnumerable<Block> Part(IReadOnlyList<Prediction> predictions, string name, string title, string unit, double scale)
    {
        if (predictions.Count == 0) return [];
        var ends = predictions.SelectMany(prediction => new[] { prediction.Predicted / scale, prediction.Measured / scale }).ToArray();
        return
        [
            new Chart(
                $"predicted-{name}", $"{title}, predicted and measured", Axis.Over("Predicted", unit, ends), Axis.Over("Measured", unit, ends),
                [
                    new("as predicted", Mark.Guide, [new(ends.Min(), ends.Min()), new(ends.Max(), ends.Max())]),
                    .. predictions.GroupBy(prediction => prediction.Run.Stage)
                        .Select(stage => new Series(stage.Key, Mark.Dots, [.. stage.Select(prediction => PointOf(prediction, scale))])),
                ],
                $"Median error {Numerals.Plain(100 * Prediction.MedianError(predictions)!.Value, 2)} % over {Words.Some(predictions.Count, "run")}.", Size.Half),
        ];
    }

    private static Point PointOf(Prediction prediction, double scale)
    {
        var run = prediction.Run;
        var what = run.Task is null ? run.Stage : $"{run.Stage} {run.Task} from {run.From}";
        return new(prediction.Predicted / scale, prediction.Measured / scale,
            Facts: [run.Name, $"{what}, seed {run.Seed}", $"predicted {Numerals.Percent(prediction.RelativeError)} off"]);
    }

    private static string Verdict(IReadOnlyList<Prediction> time, IReadOnlyList<Prediction> memory)
    {
        (string Name, double? Error)[] errors = [("time", Prediction.MedianError(time)), ("memory", Prediction.MedianError(memory))];
        var words = errors.Where(error => error.Error is not null).Select(error => $"{Numerals.Plain(100 * error.Error!.Value, 2)} % of the {error.Name}");
        var whole = time.Count == 0 ? "" : $" All of these runs took {Numerals.Seconds(time.Sum(run => run.Run.Own.Seconds))} where {Numerals.Seconds(time.Sum(run => run.OwnPredicted))} had been predicted.";
        return $"The median error of the predictions is {Words.List(words)}.{whole}";
    }
}
