using Allometry.Training;

namespace Allometry.Tests.Training;

public class ScheduleTests
{
    // T5's 1 / sqrt(max(step, 10000)): 0.01 for 10,000 steps, 0.0013811 at step 524,288.
    [Theory]
    [InlineData(0, 0.01)]
    [InlineData(9_999, 0.01)]
    [InlineData(10_000, 0.01)]
    [InlineData(40_000, 0.005)]
    [InlineData(524_288, 0.0013810679)]
    public void Inverse_square_root_is_T5s(long step, double rate) => Assert.Equal(rate, 0.01 * new InverseSquareRoot().At(step, 524_288), 1e-9);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(9, 1)]
    [InlineData(54, 0.55)]          // half way down
    [InlineData(99, 0.1)]
    public void Cosine_rises_in_equal_steps_and_falls_to_its_share(long step, double factor) =>
        Assert.Equal(factor, new WarmupCosine(Warmup: 10, Final: 0.1).At(step, 100), 1e-2);

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(4, 1)]
    [InlineData(79, 1)]
    [InlineData(89, 0.5)]
    [InlineData(99, 0)]
    public void Warm_up_stable_decay_stays_between_its_ends(long step, double factor) =>
        Assert.Equal(factor, new WarmupStableDecay(Warmup: 0.05, Decay: 0.2).At(step, 100), 1e-12);

    [Fact]
    public void Runs_of_two_lengths_share_their_stable_part()
    {
        var schedule = new WarmupStableDecay(Warmup: 10, Decay: 20);
        Assert.All(Enumerable.Range(0, 80), step => Assert.Equal(schedule.At(step, 1000), schedule.At(step, 100)));
    }

    [Fact]
    public void Every_factor_is_between_zero_and_one_and_the_first_step_of_a_warm_up_learns()
    {
        Schedule[] schedules = [new Constant(), new InverseSquareRoot(), new InverseSquareRoot(5), new WarmupCosine(), new WarmupStableDecay(), new WarmupStableDecay(0.5, 0.5)];
        foreach (var steps in (long[])[1, 2, 3, 17, 400])
            foreach (var schedule in schedules)
            {
                Assert.All(Enumerable.Range(0, (int)steps), step => Assert.InRange(schedule.At(step, steps), 0, 1));
                Assert.True(steps == 1 || schedule.At(0, steps) > 0, $"{schedule} of {steps}");
            }
    }
}
