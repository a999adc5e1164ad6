using System.Diagnostics;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>Ours, its plain twin and the limit, in turn, in one process, so that whatever the machine does meets all three.</summary>
public static class Race
{
    private const int Twin = 1;

    // Long enough for the runtime to have compiled the kernels' loops for good.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2), Block = TimeSpan.FromSeconds(0.1);

    public static RaceResult Run(BenchShape shape, Optimizer optimizer, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        using var ours = new TrainingContender(shape, optimizer, plain: false);
        using var twin = new TrainingContender(shape, optimizer, plain: true);
        using var limit = new LimitContender(shape);
        Contender[] contenders = [ours, twin, limit];
        var stepsOfABlock = Array.ConvertAll(contenders, Warm);
        var clock = new BusyClock(threads);
        var times = contenders.Select(_ => new List<StepTimes>()).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                var i = (round + turn) % contenders.Length;
                var block = Enumerable.Range(0, stepsOfABlock[i]).Select(_ => i == Twin ? contenders[i].Step() : clock.Busy(contenders[i].Step)).ToArray();
                times[i].Add(Median(block));
            }
        return new(shape, threads, new(times[0]), new(times[Twin]), new(times[2]), clock.Share);
    }

    /// <summary>Steps of a block.</summary>
    private static int Warm(Contender contender)
    {
        var (clock, steps, last) = (Stopwatch.StartNew(), 0, new StepTimes());
        for (; steps < 3 || clock.Elapsed < WarmUp; steps++) last = contender.Step();
        return Math.Max(1, (int)(Block.TotalSeconds / last.Total));
    }

    /// <summary>The step of the median total.</summary>
    private static StepTimes Median(StepTimes[] steps) => steps.OrderBy(step => step.Total).ElementAt(steps.Length / 2);

    /// <summary>What share of its threads' time the process really had the processor while kernels ran: less than all of it where others want the cores too.</summary>
    private sealed class BusyClock(int threads)
    {
        private readonly Process process = Process.GetCurrentProcess();
        private double wall, processor;

        public double Share => processor / (threads * wall);

        public T Busy<T>(Func<T> work)
        {
            process.Refresh();
            var (clock, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
            var result = work();
            wall += clock.Elapsed.TotalSeconds;
            process.Refresh();
            processor += (process.TotalProcessorTime - before).TotalSeconds;
            return result;
        }
    }
}
