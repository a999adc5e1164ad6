using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What the study cost, what that had been predicted to be, and what did not come to its end.</summary>
public sealed record CostSection : StudySection
{
    public override Place Place => Place.Cost;

    public override Section? Of(Findings findings) =>
        new("cost", "Cost, time and failures", [new Paragraph(Spent(findings)), ShapesTable.Of(findings), .. CostPredictions.Of(findings), .. Missing.Of(findings)], InBrief: true);

    private static string Spent(Findings findings)
    {
        var runs = findings.Study.Runs;
        return $"{runs.Count(run => run.IsDone)} of {runs.Count} runs are done: {Numerals.Flops(runs.Sum(run => run.Own.Flops))}, {Numerals.Seconds(runs.Sum(run => run.Own.Seconds))} of training and scoring if done one after the other.";
    }
}
