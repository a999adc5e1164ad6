using System.Diagnostics;
using Allometry.Training;

namespace Allometry.Benchmarks;

/// <summary>
/// Steps of several contenders timed in turn, round by round, in one process, so that whatever the machine does meets all of them. Each is warmed up first, long enough for the runtime to have
/// compiled the kernels' loops for good.
/// </summary>
public sealed class Turns
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(2), Block = TimeSpan.FromSeconds(0.1);

    private readonly Func<StepTimes>[] contenders;
    private readonly int[] steps; // of a block

    /// <param name="least">Steps of the warm-up at least.</param>
    /// <param name="warmUp">Its time at least.</param>
    public Turns(IReadOnlyList<Func<StepTimes>> contenders, int least = 1, TimeSpan? warmUp = null)
    {
        this.contenders = [.. contenders];
        steps = Array.ConvertAll(this.contenders, step => Warm(step, least, warmUp ?? Usual));
    }

    /// <summary>What each contender took: of each round the step of the median total of a block. Another one begins each round.</summary>
    public IReadOnlyList<RoundTimes> Take(int rounds)
    {
        var times = contenders.Select(_ => new List<StepTimes>()).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                var i = (round + turn) % contenders.Length;
                times[i].Add(Median(Enumerable.Range(0, steps[i]).Select(_ => contenders[i]())));
            }
        return [.. times.Select(each => new RoundTimes(each))];
    }

    /// <summary>Steps of a block.</summary>
    private static int Warm(Func<StepTimes> step, int least, TimeSpan time)
    {
        var (clock, last) = (Stopwatch.StartNew(), step());
        for (var done = 1; done < least || clock.Elapsed < time; done++) last = step();
        return Math.Max(1, (int)Math.Min(10_000, Block.TotalSeconds / last.Total));
    }

    private static StepTimes Median(IEnumerable<StepTimes> steps)
    {
        var sorted = steps.OrderBy(step => step.Total).ToList();
        return sorted[sorted.Count / 2];
    }
}
