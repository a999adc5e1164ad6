using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What depth, width, heads and feed-forward size each bought (the knob plots of Tay et al. 2021).</summary>
public sealed record KnobsSection : StudySection
{
    public override Place Place => Place.Knobs;

    /// <summary>Null where the shapes differ in no knob.</summary>
    public override Section? Of(Findings findings)
    {
        var yardsticks = findings.Sides;
        var charts = from knob in Knob.All where knob.Varies(findings.Shapes) from yardstick in yardsticks select ChartOf(findings, knob, yardstick);
        Block[] drawn = [.. charts.Where(chart => !chart.IsEmpty)];
        return drawn.Length == 0 ? null : new("knobs", "What each knob bought", [new Paragraph(Comparable(findings)), .. Turns(findings), .. drawn]);
    }

    private static Chart ChartOf(Findings findings, Knob knob, Yardstick yardstick)
    {
        var shapes = findings.Shapes.Where(shape => yardstick.Of(shape) is not null).ToArray();
        var sweeps = knob.Sweeps(shapes).ToArray();
        return new(
            $"{yardstick.Name}-by-{knob.Name}", $"{yardstick.Title} by {Words.LowerFirst(knob.Title)}", AxisOf(knob, shapes), new(yardstick.Title, yardstick.Unit),
            [.. sweeps.Select(sweep => new Series($"only {knob.Name} differs, from {sweep[0].Name}", Mark.Links, Points(knob, yardstick, sweep))), new("shapes", Mark.Dots, Points(knob, yardstick, shapes))],
            string.Join(" ", new[] { sweeps.Length == 0 ? "No two shapes differ in this alone." : "Lines join shapes that differ in this alone.", ShapePoint.NoteOn(shapes.Select(yardstick.Of)) }.Where(text => text.Length > 0)), Size.Half);
    }

    private static IReadOnlyList<Point> Points(Knob knob, Yardstick yardstick, IEnumerable<ShapeSummary> shapes) => [.. shapes.Select(shape => ShapePoint.Of(shape, knob.Of(shape), yardstick.Of(shape)!))];

    private static Axis AxisOf(Knob knob, ShapeSummary[] shapes) =>
        knob.Name == "depth" ? new(knob.Title, knob.Unit, Step: shapes.Length > 0 && shapes.Max(knob.Of) > 16 ? 4 : 2) : Axis.Over(knob.Title, knob.Unit, shapes.Select(shape => (double)knob.Of(shape)));

    private static IEnumerable<Table> Turns(Findings findings)
    {
        var turns = KnobTurn.All(findings, findings.Main);
        if (turns.Count == 0) return [];
        return
        [
            new Table(
                "knobs", "One knob turned, all else equal",
                [
                    Column.Words("knob", "Knob"), Column.Words("from", "From"), Column.Words("to", "To"), new("gain", $"Gain in {Words.LowerFirst(findings.Main.Title)}", findings.Main.LessIsBetter ? "nats, more is better" : "score"),
                    new("gain-low", "", Shown: Shown.InFiles), new("gain-high", "", Shown: Shown.InFiles),
                    .. findings.Costs.Select(cost => new Column($"times-{cost.Name}", cost.Title, "times")), new("gain-per-doubling", "Gain a doubling of compute", Shown: Shown.OnPage),
                ],
                [.. turns.Select(turn => Row(findings, turn))],
                findings.Draws.Count > 0 ? "In brackets: 95 % of draws of other seeds." : "Nothing is known of the noise between seeds, so there are no intervals."),
        ];
    }

    private static IReadOnlyList<Cell> Row(Findings findings, KnobTurn turn)
    {
        var words = Numerals.SignedScore(turn.Gain) + (turn.GainInterval is { } interval ? $" ({Numerals.SignedScore(interval.Low)} to {Numerals.SignedScore(interval.High)})" : "");
        return
        [
            Cell.Of($"{turn.Knob.Name} {turn.Knob.Of(turn.From)} → {turn.Knob.Of(turn.To)}"), Cell.Of(turn.From.Name), Cell.Of(turn.To.Name), new(words, turn.Gain),
            Cell.Of(turn.GainInterval?.Low, Numerals.SignedScore), Cell.Of(turn.GainInterval?.High, Numerals.SignedScore),
            .. findings.Costs.Select(cost => Cell.Of(turn.Times(cost), value => Numerals.Plain(value) + "×")), Cell.Of(turn.GainPerDoubling(CostAxis.Find("training-flops")!), Numerals.SignedScore),
        ];
    }

    private static string Comparable(Findings findings)
    {
        var ratios = findings.Costs.Select(cost => (cost.Title, Spread: Spread.Of(findings.Shapes.Select(cost.Of)))).Where(pair => pair.Spread?.Min > 0)
            .Select(pair => $"{Numerals.Plain(pair.Spread!.Max / pair.Spread.Min)}× in {Words.LowerFirst(pair.Title)}");
        return $"The dearest shape and the cheapest differ {Words.List(ratios)}: what a knob does is mixed with what it costs, unless two shapes differ in it alone.";
    }
}
