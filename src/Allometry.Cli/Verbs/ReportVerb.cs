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
        var beside = new Option<string?>("--beside") { Description = "The store of another study of the same shapes: what this one cost of it, and whether both draw the same frontiers.", HelpName = "STORE" };
        var json = Options.Json();
        var command = new Command("report", "Writes the report of a store, or of published results.") { store, output, beside, json };
        command.SetAction(parsed => parsed.GetValue(beside) is { } other
            ? OfTwo(StoreFolder.Find(parsed.GetValue(store)), StoreFolder.Find(other), parsed.GetValue(output), parsed.GetValue(json))
            : Run(parsed.GetValue(store), parsed.GetValue(output), parsed.GetValue(json)));
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

    private static int OfTwo(string folder, string beside, string? output, bool json)
    {
        using var store = StudyStore.Read(folder);
        using var other = StudyStore.Read(beside);
        var page = TwoStudies.Of(StudyReader.Read(store), StudyReader.Read(other));
        var file = PageFiles.Write(page, output ?? Path.Combine(folder, "report"), "comparison");
        Console.Out.Write(json ? JsonReport.Render(page) : file + Environment.NewLine);
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
