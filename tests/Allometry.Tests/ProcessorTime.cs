using System.Diagnostics;

namespace Allometry.Tests;

/// <summary>Seconds of the processors' time, which other work on the machine moves little; the clock on the wall counts also how long others had them.</summary>
internal static class ProcessorTime
{
    /// <summary>The least of several rounds.</summary>
    public static double Least(int rounds, Action action)
    {
        action(); // compiles
        return Enumerable.Range(0, rounds).Min(_ =>
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            action();
            return Math.Max(1e-9, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
        });
    }
}
