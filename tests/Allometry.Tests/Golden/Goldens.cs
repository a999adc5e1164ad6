using System.Text.Json.Nodes;

namespace Allometry.Tests.Golden;

/// <summary>Where the reference numbers lie: the folder in ALLOMETRY_GOLDENS, else the copy beside the tests.</summary>
public static class Goldens
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("ALLOMETRY_GOLDENS") is { Length: > 0 } given ? given : Committed();

    /// <summary>A JSON file below the folder; the test is skipped where it is absent.</summary>
    public static JsonNode Json(params string[] path)
    {
        var file = Path.Combine([Folder, .. path]);
        Assert.SkipUnless(File.Exists(file), $"{file} is not there.");
        return JsonNode.Parse(File.ReadAllText(file))!;
    }

    /// <summary>The copy beside the tests.</summary>
    public static string Committed()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Allometry.slnx")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("No Allometry.slnx above the tests."), "tests", "goldens");
    }
}
