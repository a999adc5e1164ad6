using Allometry.Experiments;
using Allometry.Files;
using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Cli;

/// <summary>The report of a store in all its forms.</summary>
public static class ReportFiles
{
    /// <summary>Writes the files and gives the full path of the page.</summary>
    public static string Write(StudyStore store, string folder)
    {
        var report = Report.From(StudyReader.Read(store));
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), JsonReport.Render(report));
        return PageFiles.Write(report, folder, "report");
    }
}
