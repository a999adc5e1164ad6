using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What depth buys at these costs, and whether the loss upstream foretells the quality downstream.</summary>
public static class DepthSection
{
    public static Section? Of(Findings findings)
    {
        var yardsticks = new[] { findings.Main, Yardstick.Loss }.Distinct();
        Block[] drawn = [.. yardsticks.Select(yardstick => ByDepth(findings, yardstick)).Append(UpstreamDownstream(findings)).Where(chart => !chart.IsEmpty)];
        return drawn.Length == 0 ? null : new("depth", "Depth against width", [new Paragraph(Comparable(findings)), .. drawn]);
    }

    private static Chart ByDepth(Findings findings, Yardstick yardstick) => new(
        $"{yardstick.Name}-by-depth", $"{yardstick.Title} by depth", new("Depth, encoder and decoder", "layers", Step: 2), new(yardstick.Title, yardstick.Unit),
        [Dots(findings.Shapes.Where(shape => yardstick.Of(shape) is not null).Select(shape => ShapePoint.Of(shape, shape.Layers, yardstick.Of(shape)!)))],
        ShapePoint.NoteOn(findings.Shapes.Select(yardstick.Of)), Size.Half);

    private static Chart UpstreamDownstream(Findings findings) => new(
        "upstream-downstream", "Quality downstream against loss upstream", new("Held-out loss", "nats per target token"), new("Quality", findings.Main.Unit),
        [Dots(findings.Shapes.Where(shape => shape.Loss is not null && shape.Scores.Quality is not null)
            .Select(shape => ShapePoint.Of(shape, shape.Loss!.Mean, shape.Scores.Quality!)))],
        findings.UpstreamDownstream() is { } rank
            ? $"Rank correlation of low loss with high quality: {Numerals.Signed(rank, 2)} (Spearman, {findings.Shapes.Count(shape => shape.Scores.Quality is not null)} shapes)."
            : "Too few shapes for a rank correlation.", Size.Half);

    private static Series Dots(IEnumerable<Point> points) => new("shapes", Mark.Dots, [.. points]);

    private static string Comparable(Findings findings)
    {
        var ratios = findings.Costs.Select(cost => (cost.Title, Spread: Spread.Of(findings.Shapes.Select(cost.Of)))).Where(pair => pair.Spread?.Min > 0)
            .Select(pair => $"{Numerals.Plain(pair.Spread!.Max / pair.Spread.Min)}× in {Words.LowerFirst(pair.Title)}");
        return $"The dearest shape and the cheapest differ {Words.List(ratios)}: what depth does is mixed with what they cost by as much.";
    }
}
