using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What the study cost, what that had been predicted to be, and what did not come to its end.</summary>
public static class CostSection
{
    public static Section Of(Findings findings) =>
        new("cost", "Cost, time and failures", [new Paragraph(Spent(findings)), ShapesTable.Of(findings), .. CostPredictions.Of(findings), .. Missing.Of(findings)], InBrief: true);

    private static string Spent(Findings findings)
    {
        var done = findings.Study.Runs.Where(run => run.IsDone).ToArray();
        var seconds = done.Sum(run => run.MeasuredSeconds ?? 0);
        return $"{done.Length} of {findings.Study.Runs.Count} runs are done: {Numerals.Flops(done.Sum(run => run.Facts.TrainingFlops))}, {Numerals.Seconds(seconds)} of training and scoring if done one after the other.";
    }
}
