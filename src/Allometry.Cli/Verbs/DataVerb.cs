using System.CommandLine;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Text.Sets;

namespace Allometry.Cli.Verbs;

/// <summary>Which data sets are known, and which are there. Nothing is downloaded.</summary>
public static class DataVerb
{
    public static Command Command()
    {
        var name = new Argument<string?>("name") { Description = "Only this data set, file by file.", Arity = ArgumentArity.ZeroOrOne };
        var from = new Option<string?>("--from") { Description = "Takes NAME's files from a folder of yours into the data folder, once their checksums are right.", HelpName = "FOLDER" };
        var json = Options.Json();
        var command = new Command("data", "Known data sets: licence, origin, checksum, present or not.") { name, from, json };
        command.SetAction(parsed => Run(parsed.GetValue(name), parsed.GetValue(from), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? name, string? from, bool json)
    {
        if (from is not null && name is null) throw new InputException("--from", "no data set is named", "say which one: allometry data cola --from FOLDER");
        var sets = name is null ? DataSet.All() : [DataSet.Named(name)];
        if (from is not null) sets[0].Import(from, DataFolder.Root);
        if (json) return Json.Print(new { Folder = DataFolder.Root, Sets = sets.Select(Document) });
        return name is null ? Print(sets) : PrintFiles(sets[0]);
    }

    private static int Print(IReadOnlyList<DataSet> sets)
    {
        var table = new TextTable("data set", "state", "licence", "where you get it", "files") { Words = 4 };
        foreach (var set in sets) table.Add(set.Name, Word(set.StateIn(DataFolder.Root)), set.Licence, set.Origin, $"{set.Files.Count}");
        table.Print(Console.Out);
        Console.WriteLine();
        Console.WriteLine($"The data folder is {DataFolder.Root} ({DataFolder.Variable} names another). Checksums and files: allometry data NAME.");
        return CommandLine.Success;
    }

    private static int PrintFiles(DataSet set)
    {
        Console.WriteLine($"{set.Name}: {Summary(set)}");
        Console.WriteLine($"  licence: {set.Licence}{(set.Redistributable ? "" : " (do not pass copies on)")}");
        Console.WriteLine($"  where you get it: {set.Origin}");
        Console.WriteLine($"  its place: {DataFolder.Root}");
        Console.WriteLine();
        var table = new TextTable("file", "state", "sha-256") { Words = 3 };
        foreach (var file in set.Files.Keys) table.Add(file, Word(set.StateOf(file, DataFolder.Root)), set.Checksum(file) ?? "unknown");
        table.Print(Console.Out);
        return CommandLine.Success;
    }

    private static object Document(DataSet set) => new
    {
        set.Name,
        Summary = Summary(set),
        set.Licence,
        set.Redistributable,
        set.Origin,
        State = Word(set.StateIn(DataFolder.Root)),
        Files = set.Files.Keys.Select(file => new { Path = file, Sha256 = set.Checksum(file), State = Word(set.StateOf(file, DataFolder.Root)) }),
    };

    private static string Summary(DataSet set) => Catalogue.Find(typeof(DataSet), set.Name)!.Summary;

    private static string Word(Enum state) => state.ToString().ToLowerInvariant();
}
