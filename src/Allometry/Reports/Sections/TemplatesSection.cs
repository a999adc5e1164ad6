using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>How much hangs on the wording: every score of a data set over its templates.</summary>
public sealed record TemplatesSection : StudySection
{
    public override Place Place => Place.Stages;

    // With fewer, models of this size do not learn enough for differences of zero-shot scores to mean anything: a trial with half a million ended with the scores of random weights.
    private const double TokensToConclude = 20e6;

    private static readonly string[] Beside = ["templates", "median", "lowest", "lower-quartile", "upper-quartile", "highest", "deviation"];

    /// <summary>Null where nothing was scored through templates.</summary>
    public override Section? Of(Findings findings)
    {
        var rows = RowsOf(findings).ToList();
        return rows.Count == 0 ? null : new("templates", "Scores over templates", [.. Budgets(findings.Study).Select(words => new Paragraph(words)), TableOf(rows)]);
    }

    /// <summary>By the pre-training that saw least.</summary>
    public override IEnumerable<string> Doubts(Findings findings) =>
        RowsOf(findings).Any() && Tokens(findings.Study).DefaultIfEmpty(TokensToConclude).Min() < TokensToConclude
            ? Budgets(findings.Study).Select(words => $"Not conclusive: fewer than {Numerals.Count(TokensToConclude)} tokens. {words} Which of two pre-trainings gives better scores without examples cannot be said from so little.")
            : [];

    private static IEnumerable<string> Budgets(Study study) => Tokens(study) is not { Length: > 0 } tokens ? []
        : [$"Pre-trainings saw {Numerals.Count(tokens.Min())} tokens at least and {Numerals.Count(tokens.Max())} at most, inputs and targets together."];

    private static double[] Tokens(Study study) =>
        [.. study.Runs.Where(run => run.Stage == StudyRun.Pretraining && run.IsDone).Select(run => run.TokensSeen).Where(double.IsFinite)];

    private static Table TableOf(IReadOnlyList<IReadOnlyList<Cell>> rows) => new(
        "templates", "Every set through all its templates",
        [
            Column.Words("shape", "Shape"), Column.Words("from", "From"), Column.Words("measure", "Set and metric"), Column.Words("learnt", "Learnt"), new("chance", "Chance"), new("majority", "Majority"), new("mean", "Mean"),
            new("templates", "Templates"), new("median", "Median"), new("lowest", "Lowest"), new("lower-quartile", "Lower quartile"), new("upper-quartile", "Upper quartile"), new("highest", "Highest"),
            new("deviation", "Deviation"), new("mean-sd", "", Shown: Shown.InFiles), new("seeds", "Seeds"),
        ],
        rows, "Averages are over sets, held out and learnt apart. Means over seeds, the mean with its standard deviation over them; the deviation is that over templates.");

    private static IEnumerable<IReadOnlyList<Cell>> RowsOf(Findings findings) =>
        from run in findings.Study.Runs
        from measure in run.Measures()
        where run.Results.ContainsKey(Learnt(measure))
        group run by (Shape: run.Name, run.From, Measure: measure) into runs
        let baseline = findings.BaselineOf(runs.Key.Measure)
        let mean = Over(runs, runs.Key.Measure)
        select (IReadOnlyList<Cell>)
        [
            Cell.Of(runs.Key.Shape), Cell.Of(runs.Key.From), Cell.Of(runs.Key.Measure.Replace('/', ' ')), Cell.Of(runs.First().Results[Learnt(runs.Key.Measure)] == 1 ? "learnt" : "held out"), Cell.Of(baseline.Chance, Numerals.Score), Cell.Of(baseline.Majority, Numerals.Score),
            Cell.Of(mean, Numerals.Score), .. Beside.Select((name, i) => Cell.Of(Over(runs, $"{runs.Key.Measure}/{name}")?.Mean, i == 0 ? Numerals.Whole : Numerals.Score)),
            Cell.Of(mean?.StandardDeviation, Numerals.Score), Cell.Of(mean?.Count, count => Numerals.Whole(count)),
        ];

    private static string Learnt(string measure) => $"{measure.Split('/')[0]}/learnt";

    private static Spread? Over(IEnumerable<StudyRun> runs, string result) => Spread.Of(runs.Select(run => run.Result(result)));
}
