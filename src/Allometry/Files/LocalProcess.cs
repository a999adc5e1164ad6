using System.Diagnostics;

namespace Allometry.Files;

/// <summary>Processes of this machine that have left something in files.</summary>
internal static class LocalProcess
{
    /// <summary>Whether it can still do anything: one that is dead and was not yet collected by its parent is listed, and cannot.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux()) return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal); // proc(5)
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (Exception error) when (error is ArgumentException or IOException) { return false; }
    }
}
