using Allometry.Analysis;
using Allometry.Reports;
using Allometry.Reports.Sections;

namespace Allometry.Tests.Analysis;

/// <summary>On curves whose answer is known: the loss falls by 1 in 100 steps of 1 GFLOP and 2 seconds each.</summary>
public class TargetCostTests
{
    [Fact]
    public void The_cost_to_the_loss_from_scratch_is_read_off_the_grown_models_curve()
    {
        // From scratch 5 to 2 in 300 steps; grown from a model of 100 GFLOP and 50 seconds it begins at 3 after 20 GFLOP and 10 seconds, and is there after 100 steps more.
        var cost = Assert.Single(TargetCost.All(Study((1, 0))));
        var pair = Assert.Single(cost.Pairs);
        Assert.Equal(("large", "ligo", 2, 4, true), (cost.Shape, cost.Growth, pair.Loss, pair.Smaller, pair.IsReached));
        Assert.Equal((300e9, 120e9, 100e9), (pair.Flops.Scratch, pair.Flops.Grown, pair.Flops.Before));
        Assert.Equal((600, 210, 50), (pair.Seconds.Scratch, pair.Seconds.Grown, pair.Seconds.Before));
        Assert.Equal(1 - (120.0 / 300), pair.Flops.Saving, 12);
        Assert.Equal(1 - (220.0 / 300), pair.Flops.WholeSaving, 12);
        Assert.Equal(1 - (210.0 / 600), pair.Seconds.Saving, 12);
    }

    [Fact]
    public void Between_two_validations_it_is_a_line()
    {
        // 0.25 better at the start: the loss is there a quarter of a hundred steps sooner.
        var pair = TargetCost.All(Study((1, 0.25))).Single().Pairs.Single();
        Assert.Equal(20e9 + 75e9, pair.Flops.Grown, 1e-3);
        Assert.Equal(10 + 150, pair.Seconds.Grown, 9);
    }

    [Fact]
    public void Where_it_is_there_from_the_start_growing_is_all_that_it_costs() => Assert.Equal(20e9, TargetCost.All(Study((1, 1))).Single().Pairs.Single().Flops.Grown);

    [Fact]
    public void Where_it_never_is_nothing_is_spared_and_the_table_says_so()
    {
        var study = Study((1, 0), (2, -3));
        var table = Assert.IsType<Table>(Assert.Single(new TargetSection().Of(Findings.Of(study))!.Blocks));
        var row = Assert.Single(table.Rows);
        Assert.Equal("1 of 2", row[4].Value);
        Assert.Equal([study.Runs.Single(run => run is { Shape: "large", Stage: "pretrain", Seed: 1 }).Curves["validation-loss"][^1].Seconds, TargetCost.All(study).Single().Pairs[0].Seconds.Grown], row.Skip(7).Take(2).Select(cell => Assert.IsType<double>(cell.Value)));
        Assert.Equal(0.6, Assert.IsType<double>(row[9].Value), 12);
        Assert.Null(row[10].Value); // one seed has no interval
    }

    [Fact]
    public void Scratch_too_is_charged_until_it_is_first_there()
    {
        var study = Study((1, 0));
        // It ends with a loss of 2, was better before, and was at 2 half way between 100 and 200 steps.
        CurvePoint[] up = [new(100, 100, 200, 3), new(200, 200, 400, 1), new(300, 300, 600, 2)];
        var runs = study.Runs.Select(run => run is { Shape: "large", Stage: "pretrain" } ? run with { Curves = new Dictionary<string, IReadOnlyList<CurvePoint>> { ["validation-loss"] = up } } : run);
        var pair = TargetCost.All(study with { Runs = [.. runs] }).Single().Pairs.Single();
        Assert.Equal((2, 150e9, 300), (pair.Loss, pair.Flops.Scratch, pair.Seconds.Scratch));
        Assert.Equal(1 - (120.0 / 150), pair.Flops.Saving, 12);
    }

    [Fact]
    public void The_interval_is_Students_over_seeds()
    {
        var study = Study((1, 0), (2, 0.25), (3, 0.5));
        var saving = TargetCost.All(study).Single().Over(pair => pair.Flops.Saving)!;
        Assert.Equal(1 - (95.0 / 300), saving.Mean, 12);
        // Standard deviation 25/300, t(2, 0.975) = 4.302653.
        Assert.Equal(4.302653 * 25 / 300 / Math.Sqrt(3), saving.OfMean()!.High - saving.Mean, 6);
    }

    [Fact]
    public void Without_a_training_from_scratch_there_is_no_target()
    {
        var study = Study((1, 0));
        Assert.Empty(TargetCost.All(study with { Runs = [.. study.Runs.Where(run => run is not { Shape: "large", Stage: "pretrain" })] }));
        Assert.Null(new TargetSection().Of(Findings.Of(study with { Runs = [.. study.Runs.Where(run => run.Stage != "grow")] })));
    }

    private static Study Study(params (long Seed, double Better)[] seeds) => new(
        "grown", "", new("", "", "", 1, "", ""), [.. seeds.SelectMany(seed => Runs(seed.Seed, seed.Better))], [], [], DateTimeOffset.UnixEpoch);

    private static IEnumerable<StudyRun> Runs(long seed, double better)
    {
        yield return Run(seed, "small", "pretrain", "", 100e9, 0, 50, [(0, 5, 0), (100, 4, 50)]);
        yield return Run(seed, "large", "pretrain", "", 300e9, 0, 600, [(100, 4, 200), (200, 3, 400), (300, 2, 600)]);
        yield return Run(seed, "large", "grow", "ligo", 220e9, 20e9, 410, [(0, 3 - better, 10), (100, 2 - better, 210), (200, 1 - better, 410)]) with { Needs = [$"small pretrain {seed}"] };
    }

    private static StudyRun Run(long seed, string shape, string stage, string from, double flops, double before, double seconds, (long Step, double Loss, double Seconds)[] curve) => new(
        $"{shape} {stage} {seed}", stage, shape, from, null, seed, "done", null, new(new Dictionary<string, int>(), 1, 1, 1, flops, 0, 0) { PreparationFlops = before }, 1, seconds,
        new Dictionary<string, double> { ["validation-loss"] = curve[^1].Loss },
        new Dictionary<string, IReadOnlyList<CurvePoint>> { ["validation-loss"] = [.. curve.Select(point => new CurvePoint(point.Step, point.Step, point.Seconds, point.Loss))] });
}
