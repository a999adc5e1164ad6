using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Every task: what guessing scores, what the shapes score, what pre-training brought.</summary>
public static class TasksTable
{
    /// <summary>Nothing where no task has a score.</summary>
    public static IEnumerable<Table> Of(Findings findings) => findings.Measures.Count == 0 ? [] : [TableOf(findings)];

    private static Table TableOf(Findings findings) => new(
        "tasks", "Every task that was tried",
        [
            Column.Words("measure", "Task and metric"), new("examples", "Test examples"), new("chance", "Chance"), new("majority", "Majority"),
            new("scratch", "From scratch"), new("trained", findings.Study.Start() == "pretrain" ? "Pre-trained" : "Trained"),
            new("gain", "Gain of pre-training"), Column.Words("best-shape", "Best shape"), new("best", "", Shown: Shown.InFiles),
            new("padding", "Padding", "of the tokens trained on"),
        ],
        [.. findings.Measures.Select(measure => TaskRow(findings, measure))],
        "Scores are means over shapes; chance guesses among the labels, majority always answers the commonest target.");

    private static IReadOnlyList<Cell> TaskRow(Findings findings, string measure)
    {
        var baseline = findings.BaselineOf(measure);
        var best = findings.Shapes.MaxBy(shape => shape.Scores.Trained.GetValueOrDefault(measure)?.Mean ?? double.NegativeInfinity)!;
        var score = best.Scores.Trained.GetValueOrDefault(measure)?.Mean;
        return
        [
            Cell.Of(measure.Replace('/', ' ')), Cell.Of(baseline.Examples, Numerals.Whole), Cell.Of(baseline.Chance, Numerals.Score), Cell.Of(baseline.Majority, Numerals.Score),
            Cell.Of(Mean(findings, shape => shape.Scores.Scratch, measure), Numerals.Score), Cell.Of(Mean(findings, shape => shape.Scores.Trained, measure), Numerals.Score),
            Cell.Of(ResultsTable.GainOf(findings, measure)?.Mean, Numerals.SignedScore), new($"{best.Name}, {Cell.Of(score, Numerals.Score).Text}", best.Name), Cell.Of(score, Numerals.Score),
            Cell.Of(findings.PaddingOf(measure), Numerals.Share),
        ];
    }

    private static double? Mean(Findings findings, Func<ShapeSummary, IReadOnlyDictionary<string, Spread>> scores, string measure) =>
        Spread.Of(findings.Shapes.Select(shape => scores(shape).GetValueOrDefault(measure)?.Mean).OfType<double>())?.Mean;
}
