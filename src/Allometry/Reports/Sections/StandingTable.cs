using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Each shape against each cost: on the frontier, or beaten by whom and by how much.</summary>
public static class StandingTable
{
    public static Table Of(Findings findings, Yardstick yardstick)
    {
        var frontiers = findings.Costs.Select(cost => (findings.FrontierOf(yardstick, cost), findings.OnFrontier(yardstick, cost))).ToArray();
        var rows = findings.Shapes.OrderByDescending(shape => yardstick.Sign * yardstick.Of(shape)?.Mean ?? double.NegativeInfinity);
        var isMain = yardstick == findings.Main;
        return new(
            isMain ? "frontier" : "frontier-upstream", isMain ? "Where each shape stands" : $"Where each shape stands upstream: by {Words.LowerFirst(yardstick.Title)}",
            [Column.Words("shape", "Shape"), new("result", yardstick.Title, yardstick.Unit), .. Column.Details("result"), .. findings.Costs.SelectMany(Columns)],
            [.. rows.Select(shape => Row(findings, yardstick, frontiers, shape))],
            !isMain ? "Read as the table above." : "A shape that is beaten stands beside the best shape that costs no more: how much worse it is, at how many times the cost; ≈ where that is within the noise between seeds (95 %)."
                + (findings.Draws.Count > 0 ? $" In brackets: how often it is on the frontier over {findings.Draws.Count:N0} draws of other seeds." : ""));
    }

    private static IEnumerable<Column> Columns(CostAxis cost) =>
    [
        Column.Words($"on-frontier-{cost.Name}", cost.Title),
        new($"beaten-by-{cost.Name}", "", Shown: Shown.InFiles), new($"level-{cost.Name}", "", Numeric: false, Shown: Shown.InFiles), new($"worse-by-{cost.Name}", "", Shown: Shown.InFiles), new($"times-the-cost-{cost.Name}", "", Shown: Shown.InFiles),
        new($"probability-{cost.Name}", "", Shown: Shown.InFiles),
    ];

    private static IReadOnlyList<Cell> Row(Findings findings, Yardstick yardstick, (Frontier Frontier, IReadOnlyDictionary<string, double>? Often)[] frontiers, ShapeSummary shape)
    {
        var score = yardstick.Of(shape);
        return
        [
            Cell.Of(shape.Name), Cell.Of(score, Numerals.Score), .. ShapesTable.Details(score),
            .. frontiers.SelectMany(one => Standing(findings, yardstick, one.Frontier, one.Often is null ? null : one.Often.GetValueOrDefault(shape.Name), shape.Name)),
        ];
    }

    private static IEnumerable<Cell> Standing(Findings findings, Yardstick yardstick, Frontier frontier, double? often, string name)
    {
        var (chance, cell) = (often is { } share ? $" ({Numerals.Share(share)})" : "", Cell.Of(often, Numerals.Share));
        if (frontier.Contains(name)) return [new($"● frontier{chance}", true), .. Enumerable.Repeat(Cell.Empty, 4), cell];
        if (frontier.Dominated.FirstOrDefault(dominated => dominated.Point.Name == name) is not { } beaten) return Enumerable.Repeat(Cell.Empty, 6);
        var level = findings.IsLevel(yardstick, beaten);
        var words = $"{(level ? "≈ " : "")}{Numerals.Score(beaten.QualityGap)} worse than {beaten.By.Name} at {Numerals.Plain(beaten.CostRatio)}×{chance}";
        return [new(words, false), Cell.Of(beaten.By.Name), new("", level), Cell.Of(beaten.QualityGap, Numerals.Score), Cell.Of(beaten.CostRatio, value => Numerals.Plain(value)), cell];
    }
}
