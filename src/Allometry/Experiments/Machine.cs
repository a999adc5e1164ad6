using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Allometry.Experiments;

/// <summary>What of this machine changes the clock or what fits; never a host name or a user name.</summary>
/// <param name="Memory">Bytes that a process may have: the machine's, or the container's limit where that is less.</param>
public sealed partial record Machine(string Processor, int Cores, long Memory, string Platform, string Version, string Commit)
{
    public static Machine This { get; } = Observe();

    /// <summary>One as an attempt has kept it; null for what no attempt of ours has written.</summary>
    public static Machine? FromJson(string json)
    {
        try { return JsonSerializer.Deserialize<Machine>(json); }
        catch (JsonException) { return null; }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Processor}, {Cores} cores, {Memory / 1073741824.0:0.#} GiB");

    /// <summary>Bytes free for another run now; what the system reports, or all of it where it reports nothing.</summary>
    public static long FreeMemory() => Figure("/proc/meminfo", "MemAvailable") is { } kibibytes ? Math.Min(kibibytes * 1024, This.Memory) : This.Memory;

    /// <summary>Peak resident bytes of this process since the last <see cref="ForgetPeak"/>, where the system keeps them apart.</summary>
    public static long PeakMemory() => Figure("/proc/self/status", "VmHWM") is { } kibibytes
        ? kibibytes * 1024
        : System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64;

    public static void ForgetPeak()
    {
        // "5" resets VmHWM (proc(5)); elsewhere the peak stays that of the whole process.
        try { File.WriteAllText("/proc/self/clear_refs", "5"); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
    }

    private static Machine Observe()
    {
        var version = typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') ?? [];
        return new(
            Processors().FirstOrDefault() ?? RuntimeInformation.ProcessArchitecture.ToString(), Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, $"{RuntimeInformation.OSDescription}, .NET {Environment.Version}",
            version.ElementAtOrDefault(0) ?? "unknown", version.ElementAtOrDefault(1) ?? "unknown");
    }

    private static IEnumerable<string> Processors() => Lines("/proc/cpuinfo")
        .Where(line => line.StartsWith("model name", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':') + 1)..].Trim());

    private static long? Figure(string file, string name) => Lines(file)
        .Where(line => line.StartsWith(name + ":", StringComparison.Ordinal))
        .Select(line => (long?)long.Parse(Digits().Match(line).Value, CultureInfo.InvariantCulture)).FirstOrDefault();

    private static IEnumerable<string> Lines(string file) => File.Exists(file) ? File.ReadLines(file) : [];

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
