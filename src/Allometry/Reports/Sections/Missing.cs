using System.Globalization;
using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What failed, what was skipped and what therefore does not count.</summary>
public static class Missing
{
    public static IEnumerable<Block> Of(Findings findings)
    {
        var stopped = findings.Study.Runs.Where(run => run.IsStopped).ToArray();
        var open = findings.Study.Runs.Where(run => !run.IsDone && !run.IsStopped).ToArray();
        Block[] blocks = open.Length > 0 ? [Runs("missing", "Runs that are not done", open)]
            : stopped.Length > 0 ? [] : [new Paragraph($"Nothing is missing: all {findings.Study.Runs.Count} runs are done.")];
        Block[] early = stopped.Length > 0 ? [Runs("stopped", "Runs that were stopped early, since they could not come to the frontier", stopped)] : [];
        return [.. blocks, .. early, .. Consequences(findings).Select(text => new Paragraph(text))];
    }

    private static Table Runs(string name, string title, StudyRun[] runs) => new(
        name, title,
        [
            Column.Words("run", "Run"), Column.Words("stage", "Stage"), Column.Words("shape", "Shape"), Column.Words("task", "Task"), Column.Words("from", "From"),
            new("seed", "Seed"), Column.Words("state", "State"), Column.Words("reason", "Why"),
        ],
        [.. runs.Select(run => (IReadOnlyList<Cell>)
            [
                new(run.Id[..Math.Min(8, run.Id.Length)], run.Id), Cell.Of(run.Stage), Cell.Of(run.Name), Cell.Of(run.Task ?? ""), Cell.Of(run.From),
                Cell.Of(run.Seed, value => value.ToString("0", CultureInfo.InvariantCulture)), Cell.Of(run.State), Cell.Of(run.Reason ?? ""),
            ])]);

    private static IEnumerable<string> Consequences(Findings findings)
    {
        foreach (var shape in findings.Shapes.Where(shape => shape.Missing.Count > 0))
            yield return $"{shape.Name}: {Words.List(shape.Missing)}; its quality is the mean of {Words.Some(shape.Scores.Quality?.Count ?? 0, "seed")}.";
        foreach (var cost in findings.Costs)
            if (findings.FrontierOf(findings.Main, cost).Excluded is { Count: > 0 } excluded)
                yield return $"Left out against {Words.LowerFirst(cost.Title)}, for want of a finite number: {Words.List(excluded.Select(point => point.Name))}.";
        if (findings.UnknownCosts.Count > 0)
            yield return $"Not drawn, since no such cost is known: {Words.List(findings.UnknownCosts)}. Known are {Words.List(CostAxis.All.Select(cost => cost.Name))}.";
    }
}
