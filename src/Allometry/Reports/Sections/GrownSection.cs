using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Models that were grown from smaller ones: apart from the shapes trained from scratch, since their cost and their quality are those of a whole chain.</summary>
public sealed record GrownSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>Null where nothing was grown.</summary>
    public override Section? Of(Findings findings)
    {
        var grown = findings.Study.Runs.Where(run => run.Stage == StudyRun.Grown && run.IsDone).GroupBy(run => (run.Name, run.From)).ToArray();
        return grown.Length == 0 ? null : new("grown", "Grown from smaller shapes", [TableOf(findings, grown)]);
    }

    private static Table TableOf(Findings findings, IReadOnlyList<IGrouping<(string Name, string From), StudyRun>> grown) => new(
        "grown", "Shapes that began as a grown smaller one",
        [
            Column.Words("shape", "Shape"), Column.Words("growth", "Grown by"), new("start-loss", "Held-out loss when grown", "nats"), new("grown-loss", "after its training", "nats"), new("scratch-loss", "from scratch", "nats"),
            new("grown-flops", "Its training", "FLOP"), new("scratch-flops", "From scratch", "FLOP"), new("grown-quality", "Quality", findings.Main.Unit), new("scratch-quality", "from scratch", findings.Main.Unit),
        ],
        [.. grown.Select(runs => Row(findings, [.. runs]))],
        "Means over seeds. The compute is that of growing and of the grown model's own training; what the models before it took comes on top of it.");

    private static IReadOnlyList<Cell> Row(Findings findings, StudyRun[] grown)
    {
        var shape = findings.Shapes.FirstOrDefault(shape => shape.Name == grown[0].Shape || StudyRun.IsShared(grown[0].Shape, shape.Name));
        var fineTuned = findings.Study.Runs.Where(run => run.IsFineTuning && run.From == StudyRun.Grown && grown.Any(start => run.Needs.Contains(start.Id))).ToArray();
        return
        [
            Cell.Of(grown[0].Name), Cell.Of(grown[0].From), Cell.Of(Mean(grown.Select(Start)), Numerals.Score), Cell.Of(Mean(grown.Select(run => run.Result("validation-loss"))), Numerals.Score), Cell.Of(shape?.Loss?.Mean, Numerals.Score),
            Cell.Of(grown[0].Facts.TrainingFlops, Numerals.Flops), Cell.Of(shape?.Loss is null ? null : shape.Facts.TrainingFlops, Numerals.Flops),
            Cell.Of(findings.QualityOf(fineTuned), Numerals.Score),
            Cell.Of(shape?.Scores.Quality?.Mean, Numerals.Score),
        ];
    }

    private static double Start(StudyRun run) => run.Curves.GetValueOrDefault("validation-loss")?.FirstOrDefault(point => point.Step == 0)?.Value ?? double.NaN;

    private static double? Mean(IEnumerable<double> values) => Spread.Of(values)?.Mean;
}
