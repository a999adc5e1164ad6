using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What each shape comes to after each length of training, where several were branched from one beginning.</summary>
public sealed record LengthsSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>Null where all trainings of a study have one length.</summary>
    public override Section? Of(Findings findings)
    {
        if (!findings.ComparesLosses || !findings.Study.Runs.Any(run => run.IsDone && run.Stage == StudyRun.Horizon)) return null;
        Trained[] trained = [.. findings.Study.Runs.Where(run => run.Stage is StudyRun.Pretraining or StudyRun.Horizon).Select(run => (Run: run, Tokens: run.TokensSeen))
            .Where(end => double.IsFinite(end.Run.Result("validation-loss") + end.Tokens)).GroupBy(end => (end.Tokens, end.Run.Name)).OrderBy(length => length.Key.Tokens)
            .Select(length => new Trained(length.Key.Name, length.Key.Tokens, length.First().Run.Facts, Spread.Of(length.Select(end => end.Run.Result("validation-loss")))!))];
        return trained.Length == 0 ? null : new("lengths", "Lengths of training", [TableOf(trained), ChartOf(trained)]);
    }

    private static Table TableOf(Trained[] trained)
    {
        var best = trained.GroupBy(one => one.Tokens).ToDictionary(length => length.Key, length => Frontier.Of(length.Select(one => new ParetoPoint(one.Name, one.Facts.Parameters, -one.Loss.Mean))));
        return new("lengths", "Held-out loss by shape and length",
            [
                new("tokens", Axis.TokensSeen.Title, Axis.TokensSeen.Unit), Column.Words("shape", "Shape"), new("parameters", "Parameters"), new("training-flops", "Training compute", "FLOP"),
                new("validation-loss", Yardstick.Loss.Title, Yardstick.Loss.Unit), .. Column.Details("validation-loss"), Column.Words("frontier", "Frontier"),
            ],
            [.. trained.Select(one => (IReadOnlyList<Cell>)
            [
                Cell.Of(one.Tokens, Numerals.Count), Cell.Of(one.Name), Cell.Of(one.Facts.Parameters, Numerals.Count), Cell.Of(one.Facts.TrainingFlops, Numerals.Flops),
                Cell.Of(one.Loss, Numerals.Score), .. ShapesTable.Details(one.Loss), Cell.Of(best[one.Tokens].Contains(one.Name) ? "●" : ""),
            ])],
            "●: no other shape has as low a loss after that length for at most as many parameters. Tasks are trained from the longest alone.");
    }

    private static Chart ChartOf(Trained[] trained) => new(
        "loss-by-length", "Held-out loss by length of training", Axis.Over("Training compute", "FLOP", trained.Select(one => one.Facts.TrainingFlops)), new(Yardstick.Loss.Title, Yardstick.Loss.Unit),
        [.. trained.GroupBy(one => one.Name).Select(shape => new Series(shape.Key, Mark.Line, [.. shape.Select(one => new Point(one.Facts.TrainingFlops, one.Loss.Mean))]))]);

    /// <summary>One shape after one length, its seeds averaged.</summary>
    private sealed record Trained(string Name, double Tokens, ShapeFacts Facts, Spread Loss);
}
