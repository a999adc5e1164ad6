using System.Runtime.CompilerServices;

namespace Allometry.Tests.Reports;

/// <summary>
/// Compares text with the file of that name under Expectations, which a person has read and agreed to.
/// With ALLOMETRY_WRITE_EXPECTATIONS=1 the file is written instead, and the test fails so that nobody forgets to read it.
/// </summary>
public static class Expectation
{
    public static void Matches(string name, string actual, [CallerFilePath] string source = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(source)!, "Expectations", name);
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("ALLOMETRY_WRITE_EXPECTATIONS") == "1")
        {
            File.WriteAllText(path, actual);
            Assert.Fail($"Written: {path}. Read it, then run without ALLOMETRY_WRITE_EXPECTATIONS.");
        }
        Assert.True(File.Exists(path), $"There is no {path}: run once with ALLOMETRY_WRITE_EXPECTATIONS=1 and read what it writes.");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
