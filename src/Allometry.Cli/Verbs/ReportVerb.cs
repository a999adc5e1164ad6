using System.CommandLine;
using Allometry.Experiments;
using Allometry.Papers.ScaleEfficiently;
using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Cli.Verbs;

/// <summary>The report of a store, or of published results: a page, markdown, CSV and JSON.</summary>
public static class ReportVerb
{
    private const string Published = "scale-efficiently";

    public static Command Command()
    {
        var store = Options.StoreArgument();
        store.Description += $" Or published results: '{Published}', or a table of the same columns.";
        var output = new Option<string?>("--output") { Description = "Folder of the report; default: report in the store.", HelpName = "DIR" };
        var json = Options.Json();
        var command = new Command("report", "Writes the report of a store, or of published results.") { store, output, json };
        command.SetAction(parsed => Run(parsed.GetValue(store), parsed.GetValue(output), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? what, string? output, bool json)
    {
        if (File.Exists(what)) return OfPublished(Path.GetFileNameWithoutExtension(what), PublishedResult.Read(what), output, json);
        return what == Published && !Directory.Exists(what) ? OfPublished(Published, PublishedResult.All(), output, json) : OfStore(StoreFolder.Find(what), output, json);
    }

    private static int OfStore(string folder, string? output, bool json)
    {
        using var store = StudyStore.Read(folder);
        var page = ReportFiles.Write(store, output ?? Path.Combine(folder, "report"));
        Console.Out.Write(json ? JsonReport.Render(Report.From(StudyReader.Read(store))) : page + Environment.NewLine);
        return CommandLine.Success;
    }

    private static int OfPublished(string name, IReadOnlyList<PublishedResult> results, string? output, bool json)
    {
        var page = PublishedPage.Of(name, results, Machine.This.Version);
        var file = PageFiles.Write(page, output ?? StoreFolder.Of(null, Path.Combine("published", name)), "report");
        Console.Out.Write(json ? JsonReport.Render(page) : file + Environment.NewLine);
        return CommandLine.Success;
    }
}
