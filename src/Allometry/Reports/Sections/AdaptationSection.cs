using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What changing little of a model is worth: scores of each way of fine-tuning against the parameters that it trained.</summary>
public sealed record AdaptationSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>Null where every fine-tuning trained everything.</summary>
    public override Section? Of(Findings findings)
    {
        if (!findings.Study.Runs.Any(run => double.IsFinite(run.Result(StudyRun.TrainedParameters)))) return null;
        var ways = WaysOf(findings.Study).ToList();
        return new("adaptation", "What of a model a task changes", [TableOf(findings, ways), .. ways.Select(way => way.Measure).Distinct().Select(measure => ChartOf(measure, ways))], InBrief: true);
    }

    private static IEnumerable<Way> WaysOf(Study study) =>
        from run in study.Runs
        where run.IsFineTuning && run.IsDone
        from measure in run.Measures()
        group run by (run.Shape, From: string.Join(" · ", run.Arm.Prepend(run.From)), Measure: measure) into runs
        let score = Spread.Of(runs.Select(run => run.Result(runs.Key.Measure)))
        where score is not null
        let first = runs.First()
        let trained = first.Result(StudyRun.TrainedParameters)
        select new Way(runs.Key.Shape, runs.Key.From, runs.Key.Measure, score, double.IsFinite(trained) ? trained : first.Facts.Parameters, first.Facts.Parameters);

    private static Table TableOf(Findings findings, IReadOnlyList<Way> ways) => new(
        "adaptation", "Scores and trained parameters",
        [
            Column.Words("shape", "Shape"), Column.Words("from", "From, and what is trained"), new("trained-parameters", "Trained parameters"), new("share", "of the model's"),
            Column.Words("measure", "Task and metric"), new("score", "Score"), new("score-sd", "", Shown: Shown.InFiles), new("chance", "Chance"), new("majority", "Majority"), new("seeds", "Seeds"),
        ],
        [.. ways.OrderBy(way => way.Shape, StringComparer.Ordinal).ThenBy(way => way.Measure, StringComparer.Ordinal).ThenBy(way => way.Trained).Select(way => (IReadOnlyList<Cell>)
        [
            Cell.Of(way.Shape), Cell.Of(way.From), Cell.Of((long)way.Trained, Numerals.Whole), Cell.Of(way.Trained / way.All, Numerals.Share), Cell.Of(way.Measure.Replace('/', ' ')),
            Cell.Of(way.Score, Numerals.Score), Cell.Of(way.Score.StandardDeviation, Numerals.Score),
            Cell.Of(findings.BaselineOf(way.Measure).Chance, Numerals.Score), Cell.Of(findings.BaselineOf(way.Measure).Majority, Numerals.Score), Cell.Of((long)way.Score.Count, Numerals.Whole),
        ])],
        "The model's parameters are those of the shape, its patches and its answers. Majority always answers the commonest target; where a task ranks, it ranks by how common each is.");

    private static Chart ChartOf(string measure, IReadOnlyList<Way> ways) => new(
        $"adaptation-{measure.Replace('/', '-')}", $"{measure.Replace('/', ' ')} against trained parameters", new("Trained parameters", "parameters", Log: true), new(measure.Split('/')[^1], "score"),
        [.. ways.Where(way => way.Measure == measure).GroupBy(way => way.Shape).Select(shape => new Series(shape.Key, Mark.Dots, [.. shape.OrderBy(way => way.Trained).Select(way => new Point(way.Trained, way.Score.Mean, Label: way.From))]))],
        "Means over seeds.", Size.Half);

    private sealed record Way(string Shape, string From, string Measure, Spread Score, double Trained, double All);
}
