using System.CommandLine;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Cli.Verbs;

/// <summary>Stops a study that another process runs, after a checkpoint.</summary>
public static class CancelVerb
{
    public static Command Command()
    {
        var store = Options.StoreArgument();
        var json = Options.Json();
        var command = new Command("cancel", "Stops a running study after saving; the same `run` goes on from there.") { store, json };
        command.SetAction(parsed => Run(StoreFolder.Find(parsed.GetValue(store)), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, bool json)
    {
        StudyStore.Read(folder).Dispose();
        if (!StudyStore.IsWorkedOn(folder)) throw new InputException(folder, "nobody is working on this store", "there is nothing to cancel");
        CancelRequest.Make(folder);
        while (StudyStore.IsWorkedOn(folder)) Thread.Sleep(100);
        if (json) return Json.Print(new { Store = Path.GetFullPath(folder), Stopped = true });
        Console.WriteLine($"Stopped; what was done is saved in {folder}.");
        return CommandLine.Success;
    }
}
