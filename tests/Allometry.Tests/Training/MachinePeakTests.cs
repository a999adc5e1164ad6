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
        var peak = MachinePeak.Measure(1);
        Assert.Equal(1, peak.Threads);
        Assert.Equal(threads, get_num_threads());

        set_num_threads(1);
        var (a, best) = (randn(768, 768), TimeSpan.MaxValue);
        for (var i = 0; i < 20; i++)
        {
            var clock = Stopwatch.StartNew();
            mm(a, a).Dispose();
            if (clock.Elapsed < best) best = clock.Elapsed;
        }
        set_num_threads(threads);
        var reached = 2 * Math.Pow(768, 3) / best.TotalSeconds / 1e9;
        Assert.InRange(peak.GigaflopsPerSecond, reached / 5, reached * 5);        // wide, because others may be using the machine
    }
}
