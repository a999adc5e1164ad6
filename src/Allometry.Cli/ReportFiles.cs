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
        var page = Path.GetFullPath(Path.Combine(folder, "report.html"));
        AtomicFile.WriteText(page, HtmlReport.Render(report));
        AtomicFile.WriteText(Path.Combine(folder, "report.md"), MarkdownReport.Render(report));
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), JsonReport.Render(report));
        foreach (var (name, table) in CsvReport.Render(report)) AtomicFile.WriteText(Path.Combine(folder, name), table);
        return page;
    }
}
