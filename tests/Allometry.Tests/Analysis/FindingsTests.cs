using Allometry.Analysis;
using Allometry.Tests.Reports;

namespace Allometry.Tests.Analysis;

public sealed class FindingsTests
{
    [Fact]
    public void Spread_is_that_of_the_sample_and_unknown_of_one_value()
    {
        var three = Spread.Of([2, 4, 9, double.NaN])!;
        Assert.Equal((5, 2, 9, 3), (three.Mean, three.Min, three.Max, three.Count));
        Assert.Equal(Math.Sqrt((9 + 1 + 16) / 2.0), three.StandardDeviation!.Value, 12);
        Assert.Null(Spread.Of([7])!.StandardDeviation);
        Assert.Null(Spread.Of([double.NaN]));
    }

    [Fact]
    public void Quality_is_the_mean_of_the_named_tasks_and_then_of_the_seeds()
    {
        var study = SampleStudy.Of(seeds: 2, withFailure: false);
        var shape = Findings.Of(study).Shapes.Single(shape => shape.Name == "even-6");
        double Score(int seed, string task) => study.Runs.Single(run => run.Shape == "even-6" && run.Seed == seed && run.Task == task && run.From == "pretrain").Results[task + "/accuracy"];
        Assert.Equal((Score(1, "tag") + Score(1, "area") + Score(2, "tag") + Score(2, "area")) / 4, shape.Scores.Quality!.Mean, 12);
        Assert.Equal(2, shape.Scores.Quality.Count);
    }

    [Fact]
    public void A_shape_is_level_with_the_one_that_beats_it_where_seeds_move_results_further()
    {
        var findings = Findings.Of(SampleStudy.ThreeSeeds);
        var noise = findings.Noise(findings.Main)!.Resolution(3, 3);
        Dominated Beaten(double gap) => new(new ParetoPoint("even-6", 2, 0.5), new ParetoPoint("even-8", 1, 0.5 + gap));
        Assert.True(findings.IsLevel(findings.Main, Beaten(0.99 * noise)));
        Assert.False(findings.IsLevel(findings.Main, Beaten(1.01 * noise)));
        var one = Findings.Of(SampleStudy.OneSeed);
        Assert.False(one.IsLevel(one.Main, Beaten(0))); // its noise is not known
    }

    [Fact]
    public void Examples_a_second_are_a_cost_the_fewer_the_dearer()
    {
        var study = SampleStudy.OneSeed;
        study = study with { Runs = [.. study.Runs.Select(run => run with { Results = new Dictionary<string, double>(run.Results) { ["examples-per-second"] = run.Shape == "wide-2" ? 50 : 20 } })] };
        var cost = CostAxis.Find("examples-per-second")!;
        var shapes = Findings.Of(study).Shapes;
        Assert.Equal((0.02, 0.05), (cost.Of(shapes[0]), cost.Of(shapes[1])));
        Assert.Equal(double.NaN, cost.Of(Findings.Of(SampleStudy.OneSeed).Shapes[0]));
    }

    [Fact]
    public void A_seed_that_lacks_a_task_counts_for_nothing_and_is_told()
    {
        var shape = Findings.Of(SampleStudy.ThreeSeeds).Shapes.Single(shape => shape.Name == "deep-16");
        Assert.Equal(2, shape.Scores.Quality!.Count);
        Assert.Equal(2, shape.Loss!.Count);
        Assert.Equal(["seed 3 lacks tag, area"], shape.Missing);
    }

    [Fact]
    public void Numbers_of_a_run_that_is_not_done_are_not_read()
    {
        var study = SampleStudy.OneSeed;
        study = study with { Runs = [.. study.Runs.Select(run => run.Shape == "wide-2" ? run with { State = "failed" } : run)] };
        var shape = Findings.Of(study).Shapes.Single(shape => shape.Name == "wide-2");
        Assert.Null(shape.Scores.Quality);
        Assert.Null(shape.Clock.Seconds);
        Assert.Equal(["wide-2"], Findings.Of(study).FrontierOf(Findings.Of(study).Main, CostAxis.Find("parameters")!).Excluded.Select(point => point.Name));
    }

    [Fact]
    public void Other_splits_and_baselines_are_no_measures()
    {
        var run = SampleStudy.OneSeed.Runs.First(run => run.Task == "tag");
        run = run with { Results = new Dictionary<string, double> { ["tag/accuracy"] = 1, ["tag/majority"] = 1, ["tag/validation/accuracy"] = 1, ["tagged/accuracy"] = 1, ["seconds"] = 1 } };
        Assert.Equal(["tag/accuracy"], run.Measures());
    }

    [Fact]
    public void A_task_named_whole_is_the_mean_of_its_metrics_and_a_metric_can_be_named_alone()
    {
        var study = SampleStudy.OneSeed;
        StudyRun WithF1(StudyRun run) => run.Task == "tag" && run.From == "pretrain"
            ? run with { Results = new Dictionary<string, double>(run.Results) { ["tag/accuracy"] = 0.5, ["tag/macro-f1"] = 0.25 } } : run;
        study = study with { Runs = [.. study.Runs.Select(WithF1)] };
        Assert.Equal(0.375, Findings.Of(study with { QualityNames = ["tag"] }).Shapes[0].Scores.Quality!.Mean);
        Assert.Equal(0.25, Findings.Of(study with { QualityNames = ["tag/macro-f1"] }).Shapes[0].Scores.Quality!.Mean);
    }

    [Fact]
    public void Each_metric_has_its_own_majority_and_only_accuracy_is_that_of_guessing()
    {
        var study = SampleStudy.OneSeed;
        StudyRun WithF1(StudyRun run) => run.Task == "tag"
            ? run with { Results = new Dictionary<string, double> { ["tag/accuracy"] = 0.5, ["tag/macro-f1"] = 0.25, ["tag/accuracy/majority"] = 0.2, ["tag/macro-f1/majority"] = 0.1, ["tag/chance"] = 0.125 } } : run;
        var findings = Findings.Of(study with { Runs = [.. study.Runs.Select(WithF1)] });
        Assert.Equal((0.2, 0.125), (findings.BaselineOf("tag/accuracy").Majority!.Value, findings.BaselineOf("tag/accuracy").Chance!.Value));
        Assert.Equal((0.1, null), (findings.BaselineOf("tag/macro-f1").Majority!.Value, findings.BaselineOf("tag/macro-f1").Chance));
    }

    [Fact]
    public void A_majority_of_which_nobody_said_the_metric_belongs_to_a_task_with_one()
    {
        var study = SampleStudy.OneSeed;
        StudyRun With(StudyRun run, params string[] metrics) => run.Task == "tag"
            ? run with { Results = metrics.ToDictionary(metric => $"tag/{metric}", _ => 0.5).Append(new("tag/majority", 0.2)).ToDictionary() } : run;
        Assert.Equal(0.2, Findings.Of(study with { Runs = [.. study.Runs.Select(run => With(run, "accuracy"))] }).BaselineOf("tag/accuracy").Majority);
        Assert.Null(Findings.Of(study with { Runs = [.. study.Runs.Select(run => With(run, "accuracy", "macro-f1"))] }).BaselineOf("tag/accuracy").Majority);
    }

    [Fact]
    public void Without_tasks_shapes_are_compared_by_their_held_out_loss()
    {
        var study = SampleStudy.OneSeed;
        var findings = Findings.Of(study with { QualityNames = [], Runs = [.. study.Runs.Where(run => !run.IsFineTuning)] });
        var lowest = findings.Shapes.MinBy(shape => shape.Loss!.Mean)!.Name;
        Assert.True(findings.FrontierOf(findings.Main, findings.Costs[0]).Contains(lowest));
        Assert.Same(Yardstick.Loss, findings.Main);
    }

    [Fact]
    public void Seed_noise_is_pooled_and_means_within_it_cannot_be_told_apart()
    {
        var noise = SeedNoise.Of([Spread.Of([1, 3])!, Spread.Of([10, 10, 13])!, Spread.Of([5])!])!;
        Assert.Equal(Math.Sqrt((2.0 + 6.0) / 3), noise.StandardDeviation, 12);
        Assert.Equal(3, noise.DegreesOfFreedom);
        Assert.Equal(3.182446 * noise.StandardDeviation, noise.Resolution(2, 2), 5);   // t(0.975, 3) = 3.182446
        Assert.Null(SeedNoise.Of([Spread.Of([5])!]));
    }

    [Fact]
    public void Rank_correlation_is_one_where_low_loss_always_goes_with_high_quality()
    {
        var study = SampleStudy.OneSeed;
        StudyRun Ordered(StudyRun run) => run with
        {
            Results = run.IsFineTuning ? new Dictionary<string, double> { [run.Task + "/accuracy"] = run.Facts.Dimensions["model-width"] } : new() { ["validation-loss"] = -Math.Pow(run.Facts.Dimensions["model-width"], 3) },
        };
        Assert.Equal(1, Findings.Of(study with { Runs = [.. study.Runs.Select(Ordered)] }).UpstreamDownstream()!.Value, 12);
        Assert.Null(Findings.Of(study with { Runs = [.. study.Runs.Where(run => run.Shape.StartsWith("wide", StringComparison.Ordinal))] }).UpstreamDownstream());
    }

    [Fact]
    public void Median_error_of_predictions_is_that_of_their_sizes()
    {
        var run = SampleStudy.OneSeed.Runs[0];
        Assert.Equal(0.2, Prediction.MedianError([new(run, 80, 100), new(run, 150, 100), new(run, 101, 100)])!.Value, 12);
        Assert.Null(Prediction.MedianError([]));
    }
}
