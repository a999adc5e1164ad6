using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Each shape against each cost: on the frontier, or beaten by whom and by how much.</summary>
public static class StandingTable
{
    public static Table Of(Findings findings)
    {
        var frontiers = findings.Costs.Select(cost => findings.FrontierOf(findings.Main, cost)).ToArray();
        var rows = findings.Shapes.OrderByDescending(shape => findings.Main.Sign * findings.Main.Of(shape)?.Mean ?? double.NegativeInfinity);
        return new(
            "frontier", "Where each shape stands",
            [Column.Words("shape", "Shape"), new("result", findings.Main.Title, findings.Main.Unit), .. Column.Details("result"), .. findings.Costs.SelectMany(Columns)],
            [.. rows.Select(shape => Row(findings, frontiers, shape))],
            "A shape that is beaten stands beside the best shape that costs no more: how much worse it is, at how many times the cost; ≈ where that is within the noise between seeds (95 %).");
    }

    private static IEnumerable<Column> Columns(CostAxis cost) =>
    [
        Column.Words($"on-frontier-{cost.Name}", cost.Title),
        new($"beaten-by-{cost.Name}", "", Shown: Shown.InFiles), new($"level-{cost.Name}", "", Numeric: false, Shown: Shown.InFiles), new($"worse-by-{cost.Name}", "", Shown: Shown.InFiles), new($"times-the-cost-{cost.Name}", "", Shown: Shown.InFiles),
    ];

    private static IReadOnlyList<Cell> Row(Findings findings, Frontier[] frontiers, ShapeSummary shape)
    {
        var score = findings.Main.Of(shape);
        return
        [
            Cell.Of(shape.Name), Cell.Of(score, Numerals.Score), .. ShapesSection.Details(score),
            .. frontiers.SelectMany(frontier => Standing(findings, frontier, shape.Name)),
        ];
    }

    private static IEnumerable<Cell> Standing(Findings findings, Frontier frontier, string name)
    {
        if (frontier.Contains(name)) return Enumerable.Repeat(Cell.Empty, 4).Prepend(new Cell("● frontier", true));
        if (frontier.Dominated.FirstOrDefault(dominated => dominated.Point.Name == name) is not { } beaten) return Enumerable.Repeat(Cell.Empty, 5);
        var level = findings.IsLevel(findings.Main, beaten);
        var words = $"{(level ? "≈ " : "")}{Numerals.Score(beaten.QualityGap)} worse than {beaten.By.Name} at {Numerals.Plain(beaten.CostRatio)}×";
        return [new(words, false), Cell.Of(beaten.By.Name), new("", level), Cell.Of(beaten.QualityGap, Numerals.Score), Cell.Of(beaten.CostRatio, value => Numerals.Plain(value))];
    }
}
