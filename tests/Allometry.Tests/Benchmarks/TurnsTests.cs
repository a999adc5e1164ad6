using Allometry.Benchmarks;
using Allometry.Training;

namespace Allometry.Tests.Benchmarks;

public class TurnsTests
{
    [Fact]
    public void Contenders_take_turns_and_each_begins_in_its_round()
    {
        var order = new List<char>();
        Func<StepTimes> Named(char name) => () =>
        {
            order.Add(name);
            return new() { Total = 1 };
        };
        var turns = new Turns([Named('a'), Named('b'), Named('c')], least: 2, warmUp: TimeSpan.Zero);
        turns.Take(4);
        Assert.Equal("aabbcc" + "abc" + "bca" + "cab" + "abc", string.Concat(order));
    }

    [Fact]
    public void A_short_step_is_repeated_and_the_one_of_the_median_total_stands_for_the_round()
    {
        var (steps, totals) = (0, new[] { 0.02, 0.05, 0.01, 0.04, 0.03 });
        StepTimes Step() => new(Forward: steps, 0, 0, totals[steps++ % 5]);
        var times = new Turns([Step], least: 5, warmUp: TimeSpan.Zero).Take(2)[0]; // the last of the warm-up took 0.03 s, so a block of 0.1 s is three
        Assert.Equal([(5.0, 0.02), (9.0, 0.03)], times.Rounds.Select(round => (round.Forward, round.Total)));
        Assert.Equal(11, steps);
    }

    [Fact]
    public void How_much_longer_one_takes_is_the_median_of_the_rounds_ratios()
    {
        RoundTimes Of(params double[] totals) => new([.. totals.Select(total => new StepTimes { Total = total })]);
        Assert.Equal(2, Of(2, 40, 6).Over(Of(1, 10, 4))); // 2, 4, 1.5
    }
}
