using Allometry.Analysis;
using Allometry.Reports;

namespace Allometry.Stranger.Tests;

/// <summary>What the stage <c>continue</c> left of the loss.</summary>
public sealed record ContinuedSection : StudySection
{
    public override Place Place => Place.Stages;

    public override Section? Of(Findings findings)
    {
        var runs = findings.Study.Runs.Where(run => run.Stage == "continue" && run.IsDone).ToArray();
        return runs.Length == 0 ? null : new("continued", "Trained further",
        [
            new Table("continued", "Loss of the last step", [Column.Words("shape", "Shape"), new("seed", "Seed"), new("loss", "Loss", "nats per target token")],
                [.. runs.Select(run => (IReadOnlyList<Cell>)[Cell.Of(run.Name), Cell.Of(run.Seed, Numerals.Whole), Cell.Of(run.Curves["loss"][^1].Value, Numerals.Score)])]),
        ]);
    }
}
