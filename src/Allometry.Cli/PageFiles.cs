using Allometry.Files;
using Allometry.Reports;

namespace Allometry.Cli;

/// <summary>A page as files: HTML, markdown, and each table and chart as CSV.</summary>
public static class PageFiles
{
    /// <summary>Writes the files and gives the full path of the page.</summary>
    public static string Write(Page page, string folder, string name)
    {
        var file = Path.GetFullPath(Path.Combine(folder, $"{name}.html"));
        AtomicFile.WriteText(file, HtmlReport.Render(page));
        AtomicFile.WriteText(Path.Combine(folder, $"{name}.md"), MarkdownReport.Render(page));
        foreach (var (table, text) in CsvReport.Render(page)) AtomicFile.WriteText(Path.Combine(folder, table), text);
        return file;
    }
}
