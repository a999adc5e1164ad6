using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>How much sooner than the baseline each shape comes to the same held-out loss.</summary>
public sealed record SpeedUpSection : StudySection
{
    public override Place Place => Place.SpeedUp;

    /// <summary>Null where the study names no baseline, or nothing has reached it yet.</summary>
    public override Section? Of(Findings findings)
    {
        var all = SpeedUp.All(findings.Study).Where(one => one.Gap is not null).ToArray();
        return all.Length == 0 ? null : new("speed-up", $"To the same loss as {findings.Study.Baseline}", [TableOf(findings.Study.Baseline!, all)], InBrief: true);
    }

    private static Table TableOf(string baseline, SpeedUp[] all) => new(
        "speed-up", $"Speed-up over {baseline}",
        [
            Column.Words("shape", "Shape"),
            new("loss-difference", $"Held-out loss, {baseline}'s subtracted", "nats per target token"), .. Column.Details("loss-difference"),
            new("speed-up-steps", "Speed-up in steps", "times"), .. Column.Details("speed-up-steps"),
            new("speed-up-seconds", "Speed-up in seconds", "times"), .. Column.Details("speed-up-seconds"),
            new("step-time", $"Time of a step, {baseline}'s is 1"), .. Column.Details("step-time"),
        ],
        [.. all.Select(one => (IReadOnlyList<Cell>)
            [
                Cell.Of(one.Shape), .. Parts(one.Gap, Numerals.SignedScore), .. Parts(one.Steps, value => Numerals.Plain(value)), .. Parts(one.Seconds, value => Numerals.Plain(value)), .. Parts(one.StepTime, value => Numerals.Plain(value)),
            ])],
        $"How many times the shape's steps, or seconds, {baseline} needs for a loss that both reach: the higher of their two last ones on held-out text. Seed by seed; where the loss is first reached lies between two validations, "
        + "by its logarithm over that of the position. Seconds have the validations in them, and the noise of a machine that does other things as well. A schedule that ends with the run makes late losses fall faster: factors hold for this length.");

    private static IEnumerable<Cell> Parts(Spread? spread, Func<double, string> form) => spread is { StandardDeviation: { } deviation }
        ? [new($"{form(spread.Mean)} ± {form(deviation).TrimStart('+')}", spread.Mean), .. ShapesTable.Details(spread)]
        : [Cell.Of(spread?.Mean, form), .. ShapesTable.Details(spread)];
}
