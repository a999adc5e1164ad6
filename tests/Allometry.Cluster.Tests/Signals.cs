using System.Globalization;
using System.Runtime.InteropServices;

namespace Allometry.Cluster.Tests;

/// <summary>Signals of Linux (signal(7)).</summary>
public static class Signals
{
    public const int User = 10, Continue = 18, Stop = 19;

    /// <summary>Whether there was somebody to send it to.</summary>
    public static bool Send(int process, int signal) => SendSignal(process, signal) == 0;

    /// <summary>Whether one has been sent to a process that stands still (proc(5), ShdPnd).</summary>
    public static bool Waits(int process, int signal) =>
        (long.Parse(File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal))[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1L << (signal - 1))) != 0;

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
