using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Tests.Analysis;

namespace Allometry.Tests.Reports;

public sealed class TwoStudiesTests
{
    [Fact]
    public void Says_what_the_study_cost_of_the_other_and_whether_frontiers_agree()
    {
        var naive = SampleStudy.ThreeSeeds;
        var spared = naive with { Name = "spared", Runs = [.. naive.Runs.Select(run => run with { Own = new(run.Own.Flops / 4, run.Own.Seconds / 2) })] };
        var page = TwoStudies.Of(spared, naive);
        Assert.Contains("spared took 25 % of the compute of Depth against width", page.Answer.Single());
        Assert.Contains("50 % of its time", page.Answer.Single());
        Assert.Contains("6 of 6 frontiers are the same.", page.Answer.Single());
        Assert.All(page.Charts, chart => Assert.Equal(["frontier of spared", "spared", "frontier of Depth against width", "Depth against width"], chart.Series.Select(series => series.Name)));
        Assert.All(page.Charts, chart => Assert.Equal(2 * chart.Series[0].Points.Count, chart.Numbers().Rows.Count)); // every point is among the numbers, once for each study
        Assert.Contains("of the compute of the one beside", TwoStudies.Of(naive, naive).Answer.Single());
        Assert.DoesNotContain(" NaN", HtmlReport.Render(page));
    }

    [Fact]
    public void Two_studies_without_a_common_shape_are_refused()
    {
        var other = TableStudy.Of(new TableStudy.Line("nowhere", 1, 1, 1, [(1, 0.5, 1)]));
        Assert.Contains("no shape of it is a shape of", Assert.Throws<InputException>(() => TwoStudies.Of(SampleStudy.ThreeSeeds, other)).Message);
    }
}
