using Allometry.Kinds;

namespace Allometry.Cli;

/// <summary>What must not happen: the trace goes to a file, a sentence to the person.</summary>
public static class Defects
{
    public static Problem Log(Exception defect)
    {
        var file = Path.Combine(Path.GetTempPath(), $"allometry-{Guid.NewGuid():n}.log");
        try { File.WriteAllText(file, defect.ToString()); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { file = "(the trace could not be written)"; }
        return new("allometry", $"{FirstLine(defect)} This is a defect of Allometry", $"please report it with {file}");
    }

    private static string FirstLine(Exception defect) => $"{defect.Message.Split('\n')[0].Trim().TrimEnd('.')}.";
}
