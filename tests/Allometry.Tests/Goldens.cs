using System.Runtime.CompilerServices;

namespace Allometry.Tests;

/// <summary>Where the reference numbers are: ALLOMETRY_GOLDENS, or the copy committed beside the tests.</summary>
internal static class Goldens
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("ALLOMETRY_GOLDENS") is { Length: > 0 } given ? given : Committed();

    private static string Committed([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "goldens"));
}
