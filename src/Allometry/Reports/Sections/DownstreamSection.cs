using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Whether the loss upstream foretells the quality downstream: the order of the shapes, the frontiers, and what each task says.</summary>
public sealed record DownstreamSection : StudySection
{
    private const double ToTell = 0.01;

    public override Place Place => Place.Downstream;

    /// <summary>Null where nothing was scored on a task.</summary>
    public override Section? Of(Findings findings)
    {
        Block[] blocks = [.. Order(findings), .. Frontiers(findings), .. Drawn(findings), .. ResultsTable.Of(findings), .. TasksTable.Of(findings)];
        return findings.Measures.Count == 0 ? null : new("upstream-downstream", "Upstream against downstream", blocks, InBrief: true);
    }

    /// <summary>What models did not see of the texts that they were asked about.</summary>
    public override IEnumerable<string> Doubts(Findings findings)
    {
        string[] cut = [.. from result in findings.Study.Runs.SelectMany(run => run.Results)
                           where result.Key.Split('/') is [_, "truncated"] && result.Value >= ToTell
                           group result.Value by result.Key.Split('/')[0] into task
                           select $"{Numerals.Share(task.Max())} of {task.Key}"];
        return cut.Length == 0 ? [] : [$"Texts longer than input-length or target-length lost their end: {Words.List(cut)}. A prompt that asks behind a long text loses the question with it."];
    }

    /// <summary>The rank correlation in words: also what published results are told in.</summary>
    public static string InWords(RankCorrelation rank) =>
        $"{Numerals.Signed(rank.Value, 2)} ({(rank.Interval is { } interval ? $"95 % interval {Numerals.Signed(interval.Low, 2)} to {Numerals.Signed(interval.High, 2)}, " : "")}{rank.Count} points)";

    private static IEnumerable<Paragraph> Order(Findings findings)
    {
        if (findings.Shapes.All(shape => shape.Loss is null)) yield break;
        yield return !findings.ComparesLosses ? new(NoLosses)
            : findings.UpstreamDownstream() is { } rank
            ? new($"Rank correlation of low held-out loss with high quality over shapes: {InWords(rank)}; +1 would be the same order, 0 none. {Verdict(rank)}")
            : new("Too few shapes have both a held-out loss and a quality for a rank correlation: it needs three.");
    }

    private static string Verdict(RankCorrelation rank) => rank.Interval switch
    {
        null => "Of so few shapes it says little.",
        { Low: > 0.7 } => "The loss foretells the order of quality.",
        { Low: > 0 } => "The loss foretells the order of quality at least in part.",
        { High: < 0 } => "Shapes that are better upstream are worse downstream.",
        _ => "Whether the loss foretells the order of quality cannot be told from these shapes.",
    };

    private static IEnumerable<Paragraph> Frontiers(Findings findings)
    {
        if (findings.Main.LessIsBetter || !findings.ComparesLosses) yield break;
        foreach (var cost in findings.Costs)
        {
            var (down, up) = (Names(findings, findings.Main, cost), Names(findings, Yardstick.Loss, cost));
            if (up.Length == 0 || down.Length == 0 || up.ToHashSet().SetEquals(down)) continue;
            string[] parts = [.. Part(up.Except(down), "upstream"), .. Part(down.Except(up), "downstream")];
            yield return new($"On the frontier against {Words.LowerFirst(cost.Title)}: {string.Join("; ", parts)}.");
        }
    }

    private static IEnumerable<string> Part(IEnumerable<string> names, string where) => names.ToArray() is { Length: > 0 } some ? [$"only {where} {Words.List(some)}"] : [];

    private static string[] Names(Findings findings, Yardstick yardstick, CostAxis cost) => [.. findings.FrontierOf(yardstick, cost).Points.Select(point => point.Name)];

    private static IEnumerable<Chart> Drawn(Findings findings)
    {
        var both = findings.Shapes.Where(shape => shape.Loss is not null && shape.Scores.Quality is not null).ToArray();
        if (both.Length == 0 || !findings.ComparesLosses) return [];
        return
        [
            new Chart(
                "upstream-downstream", "Quality downstream against loss upstream", new("Held-out loss", "nats per target token"), new("Quality", findings.Main.Unit),
                [new("shapes", Mark.Dots, [.. both.Select(shape => ShapePoint.Of(shape, shape.Loss!.Mean, shape.Scores.Quality!))])], ShapePoint.NoteOn(both.Select(shape => shape.Scores.Quality))),
        ];
    }
}
