using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Loss on the way, on text held out and on the text trained on, against tokens and against the clock.</summary>
public static class LossCurves
{
    /// <summary>Training loss jumps from batch to batch: a curve is drawn as the means of this many windows.</summary>
    private const int Windows = 120;

    public static IEnumerable<Chart> Of(Findings findings)
    {
        (string Curve, string Title)[] curves = [("validation-loss", "Held-out loss"), ("loss", "Training loss")];
        var charts = from curve in curves
                     from clock in new[] { false, true }
                     select ChartOf(findings, curve.Curve, curve.Title, clock);
        return charts.Where(chart => !chart.IsEmpty);
    }

    private static Chart ChartOf(Findings findings, string curve, string title, bool clock)
    {
        var series = findings.Shapes.Select(shape => new Series(shape.Name, Mark.Line, Points(findings.Study, shape.Name, curve, clock))).Where(line => line.Points.Count > 0).ToArray();
        var means = curve == "loss" ? $"Means of at most {Windows} windows of steps, over all seeds." : findings.Study.Seeds() > 1 ? "Means over seeds." : "";
        var top = Top(series);
        return new(
            $"{curve}-over-{(clock ? "seconds" : "tokens")}", $"{title} over {(clock ? "time" : "tokens")}",
            clock ? new("Training time", "s") : Axis.TokensSeen, new(title, "nats per target token", Top: top), series,
            top is null ? means : $"{means} The fall from the start down to {Numerals.Plain(top.Value)} lies above the picture.".Trim(), Size.Half);
    }

    /// <summary>Where the slowest is after an eighth of its way: from the start, shapes could not be told apart.</summary>
    public static double? Top(IReadOnlyList<Series> series) => series.Count == 0 ? null : series.Max(line => line.Points[line.Points.Count / 8].Y);

    private static IReadOnlyList<Point> Points(Study study, string shape, string curve, bool clock)
    {
        var points = RunsOf(study, shape).SelectMany(run => run.Curves.GetValueOrDefault(curve) ?? []).Where(point => double.IsFinite(point.Value)).ToArray();
        if (points.Length == 0) return [];
        var window = Math.Max(1, (points.Max(point => point.Step) + Windows - 1) / Windows);
        return [.. points.GroupBy(point => Math.Max(0, point.Step - 1) / window).OrderBy(group => group.Key)
            .Select(group => new Point(group.Average(point => clock ? point.Seconds : point.Tokens), group.Average(point => point.Value)))];
    }

    /// <summary>Seeds that are done; while none is, what there is.</summary>
    private static StudyRun[] RunsOf(Study study, string shape)
    {
        var runs = study.RunsOf(shape).Where(run => run.Stage == study.CostStage()).ToArray();
        return runs.Any(run => run.IsDone) ? [.. runs.Where(run => run.IsDone)] : runs;
    }
}
