using Allometry.Experiments;

namespace Allometry.Tests.Experiments;

public class TimelineTests
{
    private static readonly Plan Plan = Small.Recipe([new ScriptedStage("pre", First: true), new ScriptedStage("tag"), new ScriptedStage("area")]).Plan();

    // Two shapes, each one run of 10 s that two runs of 4 s need.
    private static double Seconds(PlannedRun run) => run.Task is null ? 10 : 4;

    [Fact]
    public void One_after_the_other_takes_the_sum() => Assert.Equal(2 * 18, Timeline.Length(Plan.Runs, Seconds, Room.ForOne));

    [Fact]
    public void Two_side_by_side_take_half_where_each_has_work() => Assert.Equal(18, Timeline.Length(Plan.Runs, Seconds, new Room(2)));

    [Fact]
    public void With_any_room_the_longest_chain_remains() => Assert.Equal(14, Timeline.Length(Plan.Runs, Seconds, new Room(100)));

    [Fact]
    public void What_has_started_ends_first() =>
        Assert.Equal([Plan.Runs[0].Id, Plan.Runs[1].Id, Plan.Runs[2].Id], Timeline.Of(Plan.Runs.Skip(1).Take(2), Seconds, new Room(1), Plan.Runs.Take(1)).Select(one => one.Run.Id));

    [Fact]
    public void Runs_start_in_the_order_of_the_plan_and_after_what_they_need()
    {
        var waiting = new Waiting(Plan.Runs);
        var first = waiting.Take([], new Room(3))!;
        var second = waiting.Take([first], new Room(3))!;

        Assert.Equal([Plan.Runs[0].Id, Plan.Runs[3].Id], [first.Id, second.Id]);
        Assert.Null(waiting.Take([first, second], new Room(3)));
        Assert.Equal(Plan.Runs[4].Id, waiting.Take([first], new Room(3))!.Id);
    }

    [Theory]
    [InlineData(1, 9, 9e9, false)]
    [InlineData(2, 9, 9e9, true)]
    [InlineData(2, 1, 9e9, false)]
    [InlineData(2, 2, 9e9, true)]
    [InlineData(2, 2, 0.5e9, false)]
    public void A_run_starts_beside_another_where_jobs_threads_and_memory_allow_it(int jobs, int threads, double memory, bool takes) =>
        Assert.Equal(takes, new Room(jobs, threads, memory).Takes(Plan.Runs[0], [Plan.Runs[3]]));

    [Fact]
    public void A_run_that_is_larger_than_the_room_goes_alone() => Assert.True(new Room(1, 0, 0).Takes(Plan.Runs[0], []));

    [Theory]
    [InlineData(1_000, 64, 1)]
    [InlineData(19_999_999, 64, 1)]
    [InlineData(20_000_000, 64, 2)]
    [InlineData(44_000_000, 64, 4)]
    [InlineData(44_000_000, 2, 2)]
    [InlineData(198_000_000, 64, 16)]
    public void Threads_follow_from_the_size_of_the_shape(long parameters, int cores, int threads) => Assert.Equal(threads, Numerics.DefaultThreads(parameters, cores));
}
