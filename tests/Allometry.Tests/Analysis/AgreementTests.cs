using Allometry.Analysis;

namespace Allometry.Tests.Analysis;

public sealed class AgreementTests
{
    private static readonly CostAxis Parameters = CostAxis.Find("parameters")!;

    [Fact]
    public void A_study_agrees_with_itself_without_ties()
    {
        var study = Findings.Of(StudyOf(("a", 0.3), ("b", 0.5), ("c", 0.7)));
        var agreement = Agreement.Of(study, study, study.Main, Parameters);
        Assert.True(agreement.Holds);
        Assert.Equal(["a", "b", "c"], agreement.Both);
        Assert.Empty(agreement.Level);
    }

    [Fact]
    public void A_shape_that_falls_off_by_less_than_the_noise_is_a_tie_and_by_more_is_lost()
    {
        var all = Findings.Of(StudyOf(("a", 0.3), ("b", 0.5), ("c", 0.501)));
        Agreement With(double third) => Agreement.Of(Findings.Of(StudyOf(("a", 0.3), ("b", 0.5), ("c", third))), all, all.Main, Parameters);
        Assert.Equal(["c"], With(0.499).Level);
        Assert.True(With(0.499).Holds);
        Assert.Equal(["c"], With(0.4).Lost);
        Assert.Equal(["c"], Agreement.Of(all, Findings.Of(StudyOf(("a", 0.3), ("b", 0.5), ("c", 0.4))), all.Main, Parameters).Gained);
    }

    [Theory]
    [InlineData(0.7, false)] // far better than the frontier without it
    [InlineData(0.502, true)]
    public void A_shape_that_was_given_up_is_lost_if_the_frontier_without_it_is_worse_by_more_than_the_noise(double quality, bool tie)
    {
        var naive = Findings.Of(StudyOf(("a", 0.3), ("b", 0.5), ("c", quality)));
        var spared = Findings.Of(StudyOf(("a", 0.3), ("b", 0.5), ("c", double.NaN)));
        var agreement = Agreement.Of(spared, naive, naive.Main, Parameters);
        Assert.Equal(tie, agreement.Holds);
        Assert.Equal(["c"], tie ? agreement.Level : agreement.Lost);
    }

    [Fact]
    public void The_cheapest_shape_given_up_is_never_a_tie()
    {
        var naive = Findings.Of(StudyOf(("a", 0.5), ("b", 0.501)));
        var agreement = Agreement.Of(Findings.Of(StudyOf(("a", double.NaN), ("b", 0.501))), naive, naive.Main, Parameters);
        Assert.Equal(["a"], agreement.Lost);
    }

    [Fact]
    public void A_run_counts_as_what_it_did_itself()
    {
        var run = StudyOf(("a", 0.3)).Runs[0];
        Assert.Equal(new OwnWork(run.Facts.TrainingFlops, run.MeasuredSeconds!.Value), run.Own);
        Assert.Equal(new OwnWork(0, 0), (run with { State = StudyRun.Stopped }).Own);
        Assert.Equal(new OwnWork(7, 1), (run with { Own = new(7, 1), State = StudyRun.Stopped }).Own);
    }

    /// <summary>Shapes by rising parameters; three seeds that differ by 0.01 around the quality.</summary>
    private static Study StudyOf(params (string Name, double Quality)[] shapes) => TableStudy.Of(
        [.. shapes.Index().Select(shape => new TableStudy.Line(shape.Item.Name, 100 * (shape.Index + 1), 1000 * (shape.Index + 1), 1,
            [.. new[] { -0.01, 0, 0.01 }.Select(noise => (4 - shape.Item.Quality, shape.Item.Quality + noise, 10.0))]))]);
}
