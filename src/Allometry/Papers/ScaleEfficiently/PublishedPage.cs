using Allometry.Analysis;
using Allometry.Reports;
using Allometry.Reports.Sections;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>Published results as a page: their frontier, whether upstream foretells downstream, and every number with its source.</summary>
public static class PublishedPage
{
    private const string Upstream = "negative log-perplexity";
    private const string NotGiven = "its source does not say";

    public static Page Of(string title, IReadOnlyList<PublishedResult> results, string version)
    {
        var paper = results.Where(result => result.IsOfThePaper).ToArray();
        return new("Published results", title, $"{Words.Some(paper.Length, "point")} of the paper, {results.Count - paper.Length} related", version,
        [
            new("answer", "The answer", [new Paragraph($"{Correlation(paper)} {Best(paper)}", Lead: true), new Paragraph(Silence(paper)), .. Frontiers(results)], InBrief: true),
            new("upstream-downstream", "Upstream against downstream", [.. Charts(paper)]),
            new("sources", "Every number with its source", [Sources(results)]),
        ]);
    }

    /// <summary>Spearman's rank correlation of upstream with one score, within one table of the paper: figures that were read off are not mixed with tables.</summary>
    public static RankCorrelation? RankCorrelation(IEnumerable<PublishedResult> results, string score) => Analysis.RankCorrelation.Of(
        [.. results.Where(result => result.NegLogPerplexity is not null && result.Score(score) is not null).Select(result => (result.NegLogPerplexity!.Value, result.Score(score)!.Value))]);

    /// <summary>The frontier of one score against parameters, within one table; points whose source gives no parameters are excluded, not guessed.</summary>
    public static Frontier FrontierOf(IEnumerable<PublishedResult> results, Func<PublishedResult, double?> quality, Func<PublishedResult, double?> cost) =>
        Frontier.Of(results.Where(result => quality(result) is not null).Select(result => new ParetoPoint(result.Model, cost(result) ?? double.NaN, quality(result)!.Value)));

    private static string Correlation(PublishedResult[] paper)
    {
        var found = from table in paper.GroupBy(result => result.Table)
                    from score in PublishedResult.Scores
                    let rank = RankCorrelation(table, score)
                    where rank is not null
                    select $"with {score} ({table.Key}) {DownstreamSection.InWords(rank)}";
        var words = found.ToArray();
        return words.Length == 0 ? "No table has three points with both perplexity and a score." : $"Rank correlation of low perplexity {Words.List(words)}: 1 would be the same order.";
    }

    private static string Best(PublishedResult[] paper) => paper.Where(result => result.Score("superglue") is not null).MaxBy(result => result.Score("superglue")) is not { } best ? ""
        : $"The best superglue, {best.Score("superglue"):0.##}, is that of {best.Model} ({best.Table}); {paper.Count(result => result.NegLogPerplexity > best.NegLogPerplexity)} points of the paper have a lower perplexity than it.";

    private static string Silence(PublishedResult[] paper)
    {
        var silent = paper.Count(result => result.Quality.Count > 0 && result.Parameters is null);
        var bare = paper.Count(result => result.Quality.Count == 0 && result.NegLogPerplexity is null);
        return $"Of {silent} points with a score the source gives no parameters: they stand on no frontier of cost. Of {bare} models it gives no score at all. Nothing was counted or filled in for them.";
    }

    private static IEnumerable<Table> Frontiers(IReadOnlyList<PublishedResult> results)
    {
        (string Name, string Unit, Func<PublishedResult, double?> Of)[] costs = [("parameters", "parameters", result => result.Parameters), ("seconds a step", "s", result => 1 / result.StepsPerSecond)];
        (string Name, Func<PublishedResult, double?> Of)[] yardsticks = [.. PublishedResult.Scores.Select(score => (score, (Func<PublishedResult, double?>)(result => result.Score(score)))), (Upstream, result => result.NegLogPerplexity)];
        var rows = from table in results.GroupBy(result => result.Table)
                   from cost in costs
                   from yardstick in yardsticks
                   let frontier = FrontierOf(table, yardstick.Of, cost.Of)
                   where frontier.Points.Count + frontier.Dominated.Count > 1
                   from row in Standing(table.Key, cost, yardstick.Name, frontier)
                   select row;
        var all = rows.ToArray();
        if (all.Length > 0)
            yield return new("frontier", "Where published models stand",
                [Column.Words("table", "Table"), Column.Words("model", "Model"), Column.Words("yardstick", "Yardstick"), new("value", "Value"), Column.Words("cost-axis", "Against"), new("cost", "Cost"), Column.Words("standing", "Standing")], all,
                "Within each table alone; points without the cost are left out, since " + NotGiven + " it.");
    }

    private static IEnumerable<IReadOnlyList<Cell>> Standing(string table, (string Name, string Unit, Func<PublishedResult, double?> Of) cost, string yardstick, Frontier frontier)
    {
        IReadOnlyList<Cell> Row(ParetoPoint point, string standing) =>
            [Cell.Of(table), Cell.Of(point.Name), Cell.Of(yardstick), Cell.Of(point.Quality, value => Numerals.Plain(value, 4)), Cell.Of(cost.Name), Cell.Of(point.Cost, cost.Unit == "s" ? Numerals.Seconds : Numerals.Count), Cell.Of(standing)];
        return frontier.Points.Select(point => Row(point, "● frontier")).Concat(frontier.Dominated.Select(beaten => Row(beaten.Point, $"beaten by {beaten.By.Name}")));
    }

    private static IEnumerable<Chart> Charts(PublishedResult[] paper) =>
        from score in PublishedResult.Scores
        let tables = paper.Where(result => result.NegLogPerplexity is not null && result.Score(score) is not null).GroupBy(result => result.Table).Where(table => table.Count() > 2).ToArray()
        where tables.Length > 0
        select new Chart($"{score}-against-perplexity", $"{score} against {Upstream}", new(Upstream, "nats, more is better"), new(score, "score, 100 is perfect"),
            [.. tables.Select(table => new Series(table.Key, Mark.Dots, [.. table.Select(result => new Point(result.NegLogPerplexity!.Value, result.Score(score)!.Value, Label: result.Model, Facts: [result.Kind, result.Source]))]))]);

    private static Table Sources(IReadOnlyList<PublishedResult> results) => new("sources", "The published numbers",
        [
            Column.Words("table", "Table"), Column.Words("model", "Model"), new("parameters", "Parameters", "parameters"), new("steps-per-second", "Steps per second"), new("neg-log-perplexity", Upstream, "nats"),
            .. PublishedResult.Scores.Select(score => new Column(score, score)), .. PublishedResult.InWords.Select(column => Column.Words(column.Replace('_', '-'), column.Replace('_', ' '))), Column.Words("kind", "How"), Column.Words("source", "Source"), Column.Words("note", "Note"),
        ],
        [.. results.Select(result => (IReadOnlyList<Cell>)
        [
            Cell.Of(result.Table), Cell.Of(result.Model), Cell.Of(result.Parameters, Numerals.Count), Cell.Of(result.StepsPerSecond, value => Numerals.Plain(value)), Cell.Of(result.NegLogPerplexity, value => Numerals.Plain(value, 4)),
            .. PublishedResult.Scores.Select(score => Cell.Of(result.Score(score), value => Numerals.Plain(value, 4))), .. PublishedResult.InWords.Select(column => result.Verbatim[column] is { Length: > 0 } said ? Cell.Of(said) : Cell.Empty), Cell.Of(result.Kind), Cell.Of(result.Source), Cell.Of(result.Note),
        ])], "A dash: " + NotGiven + ".");
}
