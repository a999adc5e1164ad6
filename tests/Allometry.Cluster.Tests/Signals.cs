using System.Globalization;
using System.Runtime.InteropServices;

namespace Allometry.Cluster.Tests;

/// <summary>Signals of Linux (signal(7)).</summary>
public static class Signals
{
    public const int Kill = 9, User = 10, Terminate = 15, Continue = 18, Stop = 19;

    /// <summary>Whether there was somebody to send it to.</summary>
    public static bool Send(int process, int signal) => SendSignal(process, signal) == 0;

    /// <summary>Whether one has been sent to a process that stands still (proc(5), ShdPnd), or that one has gone on and has ended.</summary>
    public static bool HasReached(int process, int signal)
    {
        try { return (long.Parse(File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal))[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1L << (signal - 1))) != 0; }
        catch (Exception error) when (error is IOException or InvalidOperationException) { return true; }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
