using System.Diagnostics;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>Ours, its plain twin and the limit, in turn.</summary>
public static class Race
{
    internal const int WarmSteps = 3;

    public static RaceResult Run(BenchShape shape, Optimizer optimizer, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        using var ours = new TrainingContender(shape, optimizer, plain: false);
        using var twin = new TrainingContender(shape, optimizer, plain: true);
        using var limit = new LimitContender(shape);
        var clock = new BusyClock(threads);
        var turns = new Turns([() => clock.Busy(ours.Step), twin.Step, () => clock.Busy(limit.Step)], WarmSteps);
        clock.Reset();
        var times = turns.Take(rounds);
        return new(shape, threads, times[0], times[1], times[2], clock.Share);
    }

    /// <summary>What share of its threads' time the process really had the processor while kernels ran: less than all of it where others want the cores too.</summary>
    private sealed class BusyClock(int threads)
    {
        private readonly Process process = Process.GetCurrentProcess();
        private double wall, processor;

        public double Share => processor / (threads * wall);

        public void Reset() => (wall, processor) = (0, 0);

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
