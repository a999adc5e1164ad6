using System.CommandLine;
using Allometry.Kinds;
using Allometry.Reports.Exports;
using Allometry.Store;

namespace Allometry.Cli.Verbs;

/// <summary>Every measurement of a study for other tools.</summary>
public static class ExportVerb
{
    private static readonly (string Option, string What, string Help, Func<IEnumerable<MeasuredRun>, string, long> Write)[] Forms =
    [
        ("--tensorboard", "A folder for TensorBoard: one event file a run.", "DIR", TensorBoardExport.Write),
        ("--parquet", "A parquet file, a row a measurement.", "FILE", ParquetExport.Write),
        ("--csv", "The same rows as CSV.", "FILE", CsvExport.Write),
    ];

    public static Command Command()
    {
        var store = Options.StoreArgument();
        Option<string?>[] targets = [.. Forms.Select(form => new Option<string?>(form.Option) { Description = form.What, HelpName = form.Help })];
        var json = Options.Json();
        var command = new Command("export", "Writes every measurement for TensorBoard, as parquet or as CSV.") { store, json };
        foreach (var target in targets) command.Add(target);
        command.SetAction(parsed => Run(StoreFolder.Find(parsed.GetValue(store)), [.. targets.Select(parsed.GetValue)], parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, string?[] targets, bool json)
    {
        if (targets.All(target => target is null)) throw new InputException("export", "nothing says what to write", "give --tensorboard DIR, --parquet FILE or --csv FILE");
        using var store = StudyStore.Read(folder);
        var written = Forms.Zip(targets).Where(pair => pair.Second is not null)
            .Select(pair => new Written(pair.First.Option[2..], Path.GetFullPath(pair.Second!), pair.First.Write(MeasuredRun.All(store), pair.Second!))).ToList();
        if (json) return Json.Print(new { Store = Path.GetFullPath(folder), Written = written });
        foreach (var one in written) Console.WriteLine($"{one.To}: {Figures.Exact(one.Measurements)} measurements");
        return CommandLine.Success;
    }

    private sealed record Written(string Form, string To, long Measurements);
}
