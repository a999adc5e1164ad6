namespace Allometry.Cli;

/// <summary>Where token files and vocabularies made from a corpus are kept between studies: the user's cache, or a temporary folder.</summary>
public static class CacheFolder
{
    public static string Path { get; } = System.IO.Path.Combine(Home(), "allometry");

    private static string Home() =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given ? given
        : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home && Directory.Exists(home) ? System.IO.Path.Combine(home, ".cache")
        : System.IO.Path.GetTempPath();
}
