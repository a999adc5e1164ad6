using System.Diagnostics;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class MachinePeakTests
{
    [Fact]
    public void The_peak_is_what_a_product_reaches_and_the_threads_stay_as_they_were()
    {
        using var scope = NewDisposeScope();
        var threads = get_num_threads();
        Assert.Equal(1, MachinePeak.Measure(1).Threads);
        Assert.Equal(threads, get_num_threads());
        // Others may be using the machine: wide, and the best of a few.
        Assert.Contains(Enumerable.Range(0, 5), _ => MachinePeak.Measure(1).GigaflopsPerSecond / Reached() is > 0.2 and < 5);
        Assert.Equal(threads, get_num_threads());
    }

    /// <summary>Gigaflops a second of one thread's products.</summary>
    private static double Reached()
    {
        var threads = get_num_threads();
        set_num_threads(1);
        var (a, best) = (randn(768, 768), TimeSpan.MaxValue);
        for (var i = 0; i < 20; i++)
        {
            var clock = Stopwatch.StartNew();
            mm(a, a).Dispose();
            if (clock.Elapsed < best) best = clock.Elapsed;
        }
        set_num_threads(threads);
        return 2 * Math.Pow(768, 3) / best.TotalSeconds / 1e9;
    }
}
