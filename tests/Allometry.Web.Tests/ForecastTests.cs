using Allometry.Store;

namespace Allometry.Web.Tests;

/// <summary>Predicted ends, worked by hand.</summary>
public sealed class ForecastTests
{
    private const double Now = 1000;

    [Fact]
    public void Done_runs_correct_what_was_foretold() =>
        Assert.Equal(2 * 30.0, Forecast.SecondsLeft([Done(10, took: 20), Waiting(30)], Now));

    [Fact]
    public void A_running_run_has_done_a_part_of_it() => Assert.Equal(40.0 - 15, Forecast.SecondsLeft([Running(40, since: 15)], Now));

    [Fact]
    public void Runs_side_by_side_share_the_time() => Assert.Equal((5.0 + 5 + 10 + 20) / 2, Forecast.SecondsLeft([Running(10, since: 5), Running(10, since: 5), Waiting(10), Waiting(20)], Now));

    [Fact]
    public void The_longest_run_alone_is_the_least() => Assert.Equal(90.0, Forecast.SecondsLeft([Running(100, since: 10), Running(10, since: 5)], Now));

    [Fact]
    public void Nothing_is_foretold_of_a_study_that_is_done_or_was_never_foretold() =>
        Assert.All([Forecast.SecondsLeft([Done(10, took: 10)], Now), Forecast.SecondsLeft([(null, null)], Now), Forecast.SecondsLeft([], Now)], Assert.Null);

    [Fact]
    public void What_failed_or_was_given_up_is_not_waited_for() =>
        Assert.Equal(7.0, Forecast.SecondsLeft([(50, Attempt(RunState.Failed, 0, 1)), (50, Attempt(RunState.Stopped, 0, 1)), (50, Attempt(RunState.Skipped, 0, 0)), (7, Attempt(RunState.Interrupted, 0, 1))], Now));

    private static (double?, Attempt?) Done(double predicted, double took) => (predicted, Attempt(RunState.Done, 500, 500 + took));

    private static (double?, Attempt?) Running(double predicted, double since) => (predicted, Attempt(RunState.Running, Now - since, null));

    private static (double?, Attempt?) Waiting(double predicted) => (predicted, null);

    private static Attempt Attempt(RunState state, double started, double? ended) => new("run", 1, 0, started, ended, state, null, "{}", "v");
}
