using System.Diagnostics;

namespace Allometry.EndToEnd.Tests;

/// <summary>A user's folder for one test, gone after it.</summary>
public sealed class Folder : IDisposable
{
    /// <summary>The smoke recipe with its data files where they are.</summary>
    public static string Smoke { get; } = File.ReadAllText(AllometryProcess.Recipe).Replace("../../data/", System.IO.Path.Combine(AllometryProcess.Repository, "data") + "/", StringComparison.Ordinal);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public string Path { get; } = Directory.CreateTempSubdirectory("allometry-e2e-").FullName;

    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public string Write(string name, string text)
    {
        var path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The smoke recipe, changed by replacing a text that must be there.</summary>
    public string Recipe(params (string Old, string New)[] changes)
    {
        var yaml = Smoke;
        foreach (var (old, changed) in changes)
        {
            Assert.Contains(old, yaml, StringComparison.Ordinal);
            yaml = yaml.Replace(old, changed, StringComparison.Ordinal);
        }
        return Write("recipe.yaml", yaml);
    }

    /// <summary>Processes may still be ending when a test does, and write into what is being deleted.</summary>
    public void Dispose()
    {
        for (var clock = Stopwatch.StartNew(); Directory.Exists(Path); Thread.Sleep(100))
        {
            try { Directory.Delete(Path, recursive: true); }
            catch (IOException) when (clock.Elapsed < Patience) { }
        }
    }
}
