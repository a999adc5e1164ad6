using System.Diagnostics;
using Allometry.Native;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>How fast this machine multiplies matrices in float32: what a training step is measured against.</summary>
public sealed record MachinePeak(int Threads, double GigaflopsPerSecond)
{
    private const int Size = 1024;
    private const double Seconds = 0.1;
    private const double FlopsOfOne = 2.0 * Size * Size * Size;

    /// <summary>The fastest of the products of two 1024 x 1024 matrices that fit in a tenth of a second; the median would tell what else the machine is doing.</summary>
    public static MachinePeak Measure(int threads)
    {
        Libtorch.EnsureLoaded();
        var before = get_num_threads();
        set_num_threads(threads);
        try
        {
            return new MachinePeak(threads, FlopsOfOne / FastestProduct() / 1e9);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    private static double FastestProduct()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var a = ones(Size, Size);
        var best = double.PositiveInfinity;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < Seconds;)
        {
            var start = clock.Elapsed.TotalSeconds;
            using var product = mm(a, a);
            best = Math.Min(best, clock.Elapsed.TotalSeconds - start);
        }
        return best;
    }
}
