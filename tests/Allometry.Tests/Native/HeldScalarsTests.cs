using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Native;

public class HeldScalarsTests
{
    /// <summary>Without holding them this fails within a second or two, most often with "Unknown scalar type".</summary>
    [Fact]
    public void Numbers_are_there_until_libtorch_has_read_them_whatever_the_collector_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "held on x86-64 Linux alone");
        using var over = new CancellationTokenSource();
        var others = new[]
        {
            new Thread(() =>
            {
                while (!over.IsCancellationRequested)
                {
                    GC.Collect(0);
                    GC.WaitForPendingFinalizers();
                }
            }),
            new Thread(() =>
            {
                while (!over.IsCancellationRequested)
                {
                    Scalar number = 1.5;
                    GC.KeepAlive(number);
                }
            }),
        };
        foreach (var other in others) other.Start();
        try
        {
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(4);)
            {
                using var scope = NewDisposeScope();
                var x = ones(4);
                for (var i = 0; i < 100; i++) x = x * 0.5;
                Assert.Equal((float)Math.Pow(0.5, 100), x[3].item<float>());
            }
        }
        finally
        {
            over.Cancel();
            foreach (var other in others) other.Join();
        }
    }
}
