using System.Globalization;
using System.Runtime.InteropServices;

namespace Allometry.EndToEnd.Tests;

/// <summary>Signals of Linux (signal(7)).</summary>
public static class Signals
{
    public const int Interrupt = 2, Kill = 9, User = 10, Terminate = 15, Continue = 18, Stop = 19;

    /// <summary>Whether this process ignores SIGINT, as one that a shell has put into the background does (proc(5), SigIgn).</summary>
    public static bool InterruptsAreIgnored { get; } = OperatingSystem.IsLinux() && IsIn("SigIgn", "self", Interrupt);

    /// <summary>Whether there was somebody to send it to.</summary>
    public static bool Send(int process, int signal) => SendSignal(process, signal) == 0;

    public static void Send(IEnumerable<int> processes, int signal)
    {
        foreach (var process in processes) Send(process, signal);
    }

    /// <summary>Whether one has been sent to a process that stands still (proc(5), ShdPnd), or that one has gone on and has ended.</summary>
    public static bool HasReached(int process, int signal)
    {
        try { return IsIn("ShdPnd", process.ToString(CultureInfo.InvariantCulture), signal); }
        catch (Exception error) when (error is IOException or InvalidOperationException) { return true; }
    }

    /// <summary>Whether a signal is among those of a line of a process's status.</summary>
    private static bool IsIn(string line, string process, int signal) =>
        (long.Parse(File.ReadLines($"/proc/{process}/status").Single(each => each.StartsWith($"{line}:", StringComparison.Ordinal))[(line.Length + 1)..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1L << (signal - 1))) != 0;

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
