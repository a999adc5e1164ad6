using Allometry.Training;
using CsCheck;

namespace Allometry.Tests.Training;

public class ScheduleTests
{
    private static readonly Gen<double> Parts = Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.99], Gen.Double[1, 300]);

    // T5's 1 / sqrt(max(step, 10000)): 0.01 for 10,000 steps, 0.0013811 at step 524,288.
    [Theory]
    [InlineData(0, 0.01)]
    [InlineData(9_999, 0.01)]
    [InlineData(10_000, 0.01)]
    [InlineData(40_000, 0.005)]
    [InlineData(524_288, 0.0013810679)]
    public void Inverse_square_root_is_T5s(long step, double rate) => Assert.Equal(rate, 0.01 * new InverseSquareRoot().At(step, 524_288), 1e-9);

    [Fact]
    public void The_inverse_square_root_begins_to_fall_where_it_is_told()
    {
        Assert.Equal(1, new InverseSquareRoot(100).At(100, 1000));
        Assert.Equal(0.5, new InverseSquareRoot(100).At(400, 1000));
        Assert.Equal(0.5, new InverseSquareRoot(0.1).At(400, 1000), 1e-12);
    }

    [Fact]
    public void A_cosine_rises_in_equal_steps_and_falls_by_half_a_wave()
    {
        var schedule = new WarmupCosine(Warmup: 4, Final: 0.2);
        Assert.Equal([0.25, 0.5, 0.75, 1], Course(schedule, 13)[..4]);
        Assert.Equal(1, schedule.At(4, 13));
        Assert.Equal(0.6, schedule.At(8, 13), 1e-12);                           // the middle
        Assert.Equal(0.2 + 0.4 * (1 - Math.Sqrt(0.5)), schedule.At(10, 13), 1e-12);
        Assert.Equal(0.2, schedule.At(12, 13), 1e-12);
    }

    [Theory] // of ten steps
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(9.5)]
    [InlineData(10)]
    public void A_cosine_ends_at_its_last_share_also_where_the_warm_up_does(double warmup) =>
        Assert.Equal(0.1, new WarmupCosine(warmup, Final: 0.1).At(9, 10), 1e-12);

    [Fact]
    public void A_run_of_one_step_has_the_full_rate()
    {
        Assert.Equal(1, new WarmupCosine().At(0, 1));
        Assert.Equal(1, new WarmupStableDecay().At(0, 1));
    }

    [Fact]
    public void Warm_up_stable_decay_is_a_trapezium()
    {
        Assert.Equal([0.5, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0], Course(new WarmupStableDecay(Warmup: 2, Decay: 4), 10));
        Assert.Equal([0.5, 1, 1, 1, 1, 1, 0.9, 0.8, 0.7, 0.6], Course(new WarmupStableDecay(Warmup: 0.2, Decay: 0.4, Final: 0.6), 10), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Runs_of_two_lengths_share_their_stable_part()
    {
        var schedule = new WarmupStableDecay(Warmup: 10, Decay: 20);
        Assert.All(Enumerable.Range(0, 80), step => Assert.Equal(schedule.At(step, 1000), schedule.At(step, 100)));
    }

    [Fact]
    public void Every_factor_is_between_zero_and_one_and_the_first_step_of_a_warm_up_learns()
    {
        Schedule[] schedules = [new Constant(), new InverseSquareRoot(), new InverseSquareRoot(5), new WarmupCosine(), new WarmupCosine(Final: 0), new WarmupStableDecay(), new WarmupStableDecay(0.5, 0.5), new WarmupStableDecay(0, 1000)];
        foreach (var steps in (long[])[1, 2, 3, 17, 400])
            foreach (var schedule in schedules)
            {
                Assert.All(Enumerable.Range(0, (int)steps), step => Assert.InRange(schedule.At(step, steps), 0, 1));
                Assert.True(schedule.At(0, steps) > 0, $"{schedule} of {steps}");
            }
    }

    [Fact]
    public void Every_setting_rises_then_falls_to_its_last_rate() =>
        Gen.Select(Parts, Parts, Gen.Double[0, 1], Gen.Long[1, 600]).Sample((warmup, decay, final, steps) =>
        {
            foreach (var schedule in (Schedule[])[new WarmupCosine(warmup, final), new WarmupStableDecay(warmup, decay, final), new InverseSquareRoot(warmup)])
            {
                var course = Course(schedule, steps);
                Assert.All(course, factor => Assert.InRange(factor, 0, 1));
                var top = Array.IndexOf(course, course.Max());
                Assert.True(IsSorted(course[..(top + 1)]) && IsSorted([.. course[top..].Reverse()]), $"{schedule}: {string.Join(' ', course)}");
            }
            var rise = warmup < 1 ? warmup * steps : warmup;
            if (rise <= steps && steps > 1) Assert.Equal(final, new WarmupCosine(warmup, final).At(steps - 1, steps), 1e-9);
            if (rise < steps && decay >= 1 && steps > 1) Assert.Equal(final, new WarmupStableDecay(warmup, decay, final).At(steps - 1, steps), 1e-9);
        }, iter: 500);

    private static double[] Course(Schedule schedule, long steps) => [.. Enumerable.Range(0, (int)steps).Select(step => schedule.At(step, steps))];

    private static bool IsSorted(double[] values) => values.Zip(values.Skip(1)).All(pair => pair.First <= pair.Second + 1e-12);
}
