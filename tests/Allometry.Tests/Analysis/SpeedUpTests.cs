using Allometry.Analysis;
using Allometry.Analysis.Laws;
using Allometry.Reports.Sections;
using Allometry.Tests.Reports;

namespace Allometry.Tests.Analysis;

/// <summary>On curves whose answer is known.</summary>
public class SpeedUpTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(1.31)]
    [InlineData(0.7)]
    public void Of_a_power_law_that_runs_so_many_times_as_fast_it_is_so_many_times(double factor)
    {
        var (slow, fast) = (Curve(step => 7 * Math.Pow(step, -0.2)), Curve(step => 7 * Math.Pow(factor * step, -0.2)));
        Assert.Equal(factor, SpeedUp.Factor(slow, fast), 1e-9); // straight lines in logarithms: interpolation is exact
        Assert.Equal(1 / factor, SpeedUp.Factor(fast, slow), 1e-9);
    }

    [Fact]
    public void A_curve_against_itself_is_no_faster() => Assert.Equal(1, SpeedUp.Factor(Curve(step => 5 / Math.Log(step + 9)), Curve(step => 5 / Math.Log(step + 9))), 1e-12);

    [Fact]
    public void Between_two_points_the_logarithm_of_the_loss_is_a_line_over_that_of_the_position() // half way down in ln L is half way in ln step: 10 * 10^0.5
        => Assert.Equal(100 / (10 * Math.Sqrt(10)), SpeedUp.Factor(new([10, 100], [9, 4]), new([10, 100], [8, 2])), 1e-12);

    [Fact]
    public void The_first_time_counts_where_a_curve_rises_again() => Assert.Equal(2, SpeedUp.Factor(new([1, 2, 4], [5, 4, 3]), new([1, 2, 4], [5, 3, 3])), 1e-12);

    [Fact]
    public void Where_the_loss_is_there_from_the_start_nothing_can_be_said()
    {
        Assert.Equal(double.NaN, SpeedUp.Factor(new([1, 2], [3, 2]), new([1, 2], [2, 1])));
        Assert.Equal(double.NaN, SpeedUp.Factor(new([1, 2], [3, 2]), new([], [])));
    }

    [Fact]
    public void Seeds_are_compared_with_themselves_and_seconds_with_the_clock()
    {
        var study = Study(("slow", 1, 1, 1.0), ("slow", 2, 2, 1.0), ("fast", 1, 3, 1.5), ("fast", 2, 6, 1.5), ("fast", 3, 9, 1.5));
        var one = Assert.Single(SpeedUp.All(study));
        Assert.Equal(("fast", 2), (one.Shape, one.Steps!.Count));
        Assert.Equal((3, 3), (one.Steps.Min, one.Steps.Max), Near);
        Assert.Equal((2, 2), (one.Seconds!.Min, one.Seconds.Max), Near);
        Assert.Equal(1.5, one.StepTime!.Mean, 1e-12);
        Assert.True(one.Gap!.Max < 0);
        Assert.Empty(SpeedUp.All(study with { Baseline = null }));
    }

    [Fact]
    public void Runs_that_are_not_done_or_of_another_length_do_not_count()
    {
        var study = Study(("slow", 1, 1, 1.0), ("fast", 1, 3, 1.5));
        var failed = study with { Runs = [study.Runs[0], study.Runs[1] with { State = "failed" }] };
        var shorter = study with { Runs = [study.Runs[0], study.Runs[1] with { Curves = new Dictionary<string, IReadOnlyList<CurvePoint>> { ["validation-loss"] = [.. study.Runs[1].Curves["validation-loss"].SkipLast(1)] } }] };
        Assert.All([failed, shorter], other => Assert.Null(Assert.Single(SpeedUp.All(other)).Steps));
    }

    [Fact]
    public void A_report_tells_it_where_a_baseline_is_named()
    {
        var study = Study(("slow", 1, 1, 1.0), ("slow", 2, 1, 1.0), ("fast", 1, 3, 1.5), ("fast", 2, 3, 1.5));
        var table = Assert.IsType<Allometry.Reports.Table>(Assert.Single(new SpeedUpSection().Of(Findings.Of(study))!.Blocks));
        var row = table.Columns.Zip(Assert.Single(table.Rows)).Where(pair => pair.First.Name.Length > 0).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        Assert.Equal(("fast", "3.00 ± 0", "2.00 ± 0"), (row["shape"].Text, row["speed-up-steps"].Text, row["speed-up-seconds"].Text));
        Assert.Null(new SpeedUpSection().Of(Findings.Of(study with { Baseline = null })));
    }

    private static bool Near((double A, double B) expected, (double A, double B) actual) => Math.Abs(expected.A - actual.A) + Math.Abs(expected.B - actual.B) < 1e-9;

    private static TrainingCurve Curve(Func<double, double> loss) => TrainingCurve.Of(Enumerable.Range(1, 20).Select(i => (i * 25.0, loss(i * 25))));

    /// <summary>Power laws by shape and seed, each so many times as fast at so many seconds a step.</summary>
    private static Study Study(params (string Shape, int Seed, double Speed, double StepSeconds)[] runs) => SampleStudy.OneSeed with
    {
        Baseline = "slow",
        QualityNames = [],
        Runs = [.. runs.Select(run => SampleStudy.OneSeed.Runs[0] with
        {
            Shape = run.Shape,
            Seed = run.Seed,
            MeasuredSeconds = 500 * run.StepSeconds,
            Results = new Dictionary<string, double> { ["validation-loss"] = Loss(run.Speed * 500) },
            Curves = new Dictionary<string, IReadOnlyList<CurvePoint>> { ["validation-loss"] = [.. Enumerable.Range(1, 20).Select(i => new CurvePoint(25 * i, 100 * i, 25 * i * run.StepSeconds, Loss(run.Speed * 25 * i)))] },
        })],
    };

    private static double Loss(double steps) => 6 * Math.Pow(steps, -0.15);
}
