using Allometry.Kinds;
using Allometry.Papers.ScaleEfficiently;
using Allometry.Reports;
using Allometry.Tests.Store;

namespace Allometry.Tests.Papers.ScaleEfficiently;

public sealed class PublishedTests
{
    private static readonly IReadOnlyList<PublishedResult> All = PublishedResult.All();

    [Fact]
    public void Every_row_is_read_with_its_source_and_empty_cells_stay_empty()
    {
        Assert.Equal(29, All.Count);
        Assert.All(All, result => Assert.NotEmpty(result.Source));
        var deep = All.Single(result => result is { Table: "Table 3", Model: "NL32-XL" });
        Assert.Equal((3.8e9, -1.49, 79.9), (deep.Parameters!.Value, deep.NegLogPerplexity!.Value, deep.Score("superglue")!.Value));
        Assert.All(All.Where(result => result.Table == "Figure 1"), result => Assert.Null(result.Parameters));
        Assert.Null(All.Single(result => result.Model == "Small 20L").NegLogPerplexity);
    }

    [Fact]
    public void The_rank_correlation_is_that_of_ranks_worked_out_by_sorting()
    {
        var points = All.Where(result => result.Table == "Figure 1" && result.Score("superglue") is not null).ToArray();
        double[] upstream = Ranks([.. points.Select(result => result.NegLogPerplexity!.Value)]), downstream = Ranks([.. points.Select(result => result.Score("superglue")!.Value)]);
        var (meanU, meanD) = (upstream.Average(), downstream.Average());
        var expected = upstream.Zip(downstream).Sum(pair => (pair.First - meanU) * (pair.Second - meanD))
            / Math.Sqrt(upstream.Sum(rank => (rank - meanU) * (rank - meanU)) * downstream.Sum(rank => (rank - meanD) * (rank - meanD)));
        Assert.Equal(12, points.Length);
        Assert.Equal(expected, PublishedPage.RankCorrelation(points, "superglue")!.Value, 1e-12);
        Assert.InRange(expected, 0.2, 0.8); // they disagree: the paper's point
        Assert.Null(PublishedPage.RankCorrelation(All.Where(result => result.Table == "Table 3"), "superglue"));
    }

    [Fact]
    public void What_has_no_cost_in_its_source_stands_on_no_frontier()
    {
        var table = PublishedPage.FrontierOf(All.Where(result => result.Table == "Table 3"), result => result.Score("superglue"), result => result.Parameters);
        Assert.Equal(["NL12-XXL", "NL32-XL"], table.Points.Select(point => point.Name));
        var figure = PublishedPage.FrontierOf(All.Where(result => result.Table == "Figure 1"), result => result.Score("superglue"), result => result.Parameters);
        Assert.Empty(figure.Points);
        Assert.Equal(12, figure.Excluded.Count);
    }

    [Fact]
    public void The_page_says_what_it_does_not_know_and_shows_each_source()
    {
        var page = PublishedPage.Of("scale-efficiently", All, "0");
        var text = MarkdownReport.Render(page);
        Assert.Contains("Of 12 points with a score the source gives no parameters", text, StringComparison.Ordinal);
        Assert.Contains("is that of NL32-XL", page.Answer.First(), StringComparison.Ordinal);
        Assert.All(All, result => Assert.Contains(result.Source.Replace("_", "\\_").Replace("[", "\\["), text, StringComparison.Ordinal));
        Assert.Contains("superglue-against-perplexity", CsvReport.Render(page).Keys.Select(name => name.Replace(".csv", "", StringComparison.Ordinal)));
        Assert.NotEmpty(HtmlReport.Render(page));
        Assert.Contains("| 16 | 16 | Base | 134/223 = 60% (abstract says 50% fewer) | 63.1% | 40% faster |", text, StringComparison.Ordinal); // as the source says it
    }

    [Theory]
    [InlineData("a\tb\n1\t2\n", "has no column 'table'")]
    [InlineData("table\tmodel\tparams\tsteps_per_s\tneg_log_perplexity\tvalue_kind\tsource\tnote\nT\tm\tmany\t\t\tk\ts\tn\n", "params is 'many', which is no number")]
    public void A_table_of_another_kind_is_refused(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "t.tsv");
        File.WriteAllText(file, text);
        Assert.Contains(expected, Assert.Throws<InputException>(() => PublishedResult.Read(file)).Message, StringComparison.Ordinal);
    }

    /// <summary>Equal values share the mean of their ranks.</summary>
    private static double[] Ranks(double[] values) => [.. values.Select(value => values.Count(other => other < value) + (values.Count(other => other == value) + 1) / 2.0)];
}
