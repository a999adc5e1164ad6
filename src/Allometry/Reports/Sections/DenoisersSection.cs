using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Held-out losses that are measured denoiser by denoiser, and what else an objective measures of itself: of each shape after each of its stages.</summary>
public sealed record DenoisersSection : StudySection
{
    public override Place Place => Place.Stages;

    private const string After = "validation-loss/", Before = "before-loss/", Measure = "validation/";

    /// <summary>Null where no run measures any.</summary>
    public override Section? Of(Findings findings)
    {
        var (rows, measures) = (RowsOf(findings.Study).ToList(), MeasuresOf(findings.Study).ToList());
        Block[] tables = [.. rows.Count == 0 ? [] : (Block[])[TableOf(rows)], .. measures.Count == 0 ? [] : (Block[])[MeasureTable(measures)]];
        return tables.Length == 0 ? null : new("denoisers", "Held-out loss by denoiser", tables, InBrief: true);
    }

    private static Table MeasureTable(IReadOnlyList<IReadOnlyList<Cell>> rows) => new(
        "objective-measures", "What the objective measures of itself on held-out text",
        [Column.Words("shape", "Shape"), Column.Words("stage", "After"), Column.Words("measure", "Measure"), new("value", "Value"), new("value-sd", "", Shown: Shown.InFiles), new("seeds", "Seeds")], rows);

    private static IEnumerable<IReadOnlyList<Cell>> MeasuresOf(Study study) =>
        from run in study.Runs
        from name in run.Results.Keys
        where name.StartsWith(Measure, StringComparison.Ordinal)
        group run by (Shape: run.Name, run.Stage, Name: name) into runs
        let value = Over(runs, runs.Key.Name)
        where value is not null
        select (IReadOnlyList<Cell>)
        [
            Cell.Of(runs.Key.Shape), Cell.Of(runs.Key.Stage), Cell.Of(runs.Key.Name[Measure.Length..]), Cell.Of(value, Numerals.Score),
            Cell.Of(value.StandardDeviation, Numerals.Score), Cell.Of((long)value.Count, Numerals.Whole),
        ];

    private static Table TableOf(IReadOnlyList<IReadOnlyList<Cell>> rows) => new(
        "denoisers", "Held-out loss by denoiser",
        [
            Column.Words("shape", "Shape"), Column.Words("stage", "After"), Column.Words("denoiser", "Denoiser"), new("before", "Before", "nats per target token"),
            new("loss", "Loss", "nats per target token"), new("loss-sd", "", Shown: Shown.InFiles), new("seeds", "Seeds"),
        ],
        rows, "The same held-out text, hidden in the same places, for every shape and seed. Losses of different denoisers are of different tokens: compare within a denoiser.");

    private static IEnumerable<IReadOnlyList<Cell>> RowsOf(Study study) =>
        from run in study.Runs
        from name in run.Results.Keys
        where name.StartsWith(After, StringComparison.Ordinal)
        group run by (Shape: run.Name, Stage: run.From.Length == 0 ? run.Stage : $"{run.Stage} from {run.From}", Denoiser: name[After.Length..]) into runs
        let loss = Over(runs, After + runs.Key.Denoiser)
        where loss is not null
        select (IReadOnlyList<Cell>)
        [
            Cell.Of(runs.Key.Shape), Cell.Of(runs.Key.Stage), Cell.Of(runs.Key.Denoiser), Cell.Of(Over(runs, Before + runs.Key.Denoiser), Numerals.Score),
            Cell.Of(loss, Numerals.Score), Cell.Of(loss.StandardDeviation, Numerals.Score), Cell.Of((long)loss.Count, Numerals.Whole),
        ];

    private static Spread? Over(IEnumerable<StudyRun> runs, string result) => Spread.Of(runs.Select(run => run.Result(result)));
}
