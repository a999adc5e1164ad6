using Allometry.Experiments;

namespace Allometry.Tests.Experiments;

public class MachinePaceTests
{
    private static readonly Workload Load = new(0, 0, 1, 1e9, 0, 1, new(0, 0, 0, 0));

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(6, new[] { 1, 2, 4, 6 })]
    [InlineData(8, new[] { 1, 2, 4, 8 })]
    public void One_run_powers_of_two_and_all_cores_are_tried(int most, int[] jobs) => Assert.Equal(jobs, MachinePace.Candidates(most));

    // Products of one run at 8 GFLOP/s alone; beside others each is slower by the given factor.
    [Theory]
    [InlineData(1.0, 1.0, 4)]  // nothing in the way of four
    [InlineData(1.0, 2.0, 2)]  // four get no more done than two
    [InlineData(2.0, 4.0, 1)]  // one core in truth
    [InlineData(1.1, 2.1, 4)]  // 1.82 and 1.90 times as much as one: more than the 3 % that count as the same
    [InlineData(1.1, 2.19, 2)] // 1.82 and 1.83
    public void The_fewest_runs_that_get_the_most_done_are_best(double two, double four, int best)
    {
        MachinePace Measured(params (int Jobs, double Slower)[] paces) => new("key", 1, DateTimeOffset.UnixEpoch, [.. paces.Select(one => new PaceBeside(one.Jobs, new Pace(8e9 / one.Slower, 1, 0)))]);
        Assert.Equal(best, Measured((1, 1), (2, two), (4, four)).BestJobs(Load));
    }

    [Fact]
    public void The_pace_beside_others_is_that_of_the_nearest_number_measured()
    {
        var measured = new MachinePace("key", 1, DateTimeOffset.UnixEpoch, [new(1, new Pace(4, 1, 0)), new(8, new Pace(2, 1, 0))]);
        Assert.Equal([4.0, 4, 2, 2], new[] { 1, 3, 6, 20 }.Select(jobs => measured.At(jobs).ProductFlops));
    }

    [Fact]
    public void It_is_kept_as_json_and_a_damaged_one_is_none()
    {
        var measured = new MachinePace("key", 2, DateTimeOffset.UnixEpoch, [new(1, new Pace(4, 1, 0, Threads: 2))]);
        Assert.Equal(measured.ToJson(), MachinePace.FromJson(measured.ToJson())!.ToJson());
        Assert.All([null, "", "{"], text => Assert.Null(MachinePace.FromJson(text)));
    }

    [Fact]
    public void The_mean_of_paces_takes_the_mean_of_their_times() =>
        Assert.Equal(new Pace(1e9, 1, 0).Seconds(Load) / 2 + new Pace(4e9, 1, 0).Seconds(Load) / 2, Pace.Mean([new(1e9, 1, 0), new(4e9, 1, 0)]).Seconds(Load), 9);

    [Fact]
    public void More_threads_than_measured_are_faster_in_proportion()
    {
        var run = Small.Recipe([new ScriptedStage("pre", First: true)]).Expand(new Numerics(4), 384, file => file).Runs[0];
        Assert.Equal(new Pace(2e9, 2, 0).Seconds(run.Workload), new Pace(1e9, 1, 0, Threads: 2).Seconds(run), 9);
    }
}
