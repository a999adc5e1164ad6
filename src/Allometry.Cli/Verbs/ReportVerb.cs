using System.CommandLine;
using Allometry.Experiments;
using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Cli.Verbs;

/// <summary>The report of a store: a page, markdown, CSV and JSON.</summary>
public static class ReportVerb
{
    public static Command Command()
    {
        var store = Options.StoreArgument();
        var output = new Option<string?>("--output") { Description = "Folder of the report; default: report in the store.", HelpName = "DIR" };
        var json = Options.Json();
        var command = new Command("report", "Writes the report of a store.") { store, output, json };
        command.SetAction(parsed => Run(StoreFolder.Find(parsed.GetValue(store)), parsed.GetValue(output), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, string? output, bool json)
    {
        using var store = StudyStore.Read(folder);
        var page = ReportFiles.Write(store, output ?? Path.Combine(folder, "report"));
        Console.Out.Write(json ? JsonReport.Render(Report.From(StudyReader.Read(store))) : page + Environment.NewLine);
        return CommandLine.Success;
    }
}
