using System.CommandLine;
using Allometry.Backends;
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
        if (ClusterPlace.Has(folder)) return Cancel(folder, json);
        StudyStore.Read(folder).Dispose();
        if (!StudyStore.IsWorkedOn(folder)) throw new InputException(folder, "nobody is working on this store", "there is nothing to cancel");
        // One that is just beginning forgets wishes from before it, and this one with them.
        for (; StudyStore.IsWorkedOn(folder); Thread.Sleep(100))
            if (!CancelWish.IsMade(folder)) CancelWish.Make(folder);
        CancelWish.Forget(folder);
        if (json) return Json.Print(new { Store = Path.GetFullPath(folder), Stopped = true });
        Console.WriteLine($"Stopped; what was done is saved in {folder}.");
        return CommandLine.Success;
    }

    /// <summary>Of a study on a cluster, from any machine that sees the folder, whether its coordinator lives or not.</summary>
    private static int Cancel(string folder, bool json)
    {
        CancelWish.Make(folder);
        var lookedAfter = ClusterPlace.IsLookedAfter(folder);
        for (var waits = lookedAfter; waits; waits = ClusterPlace.IsLookedAfter(folder))
        {
            if (!CancelWish.IsMade(folder)) CancelWish.Make(folder); // forgotten by a coordinator that is just beginning
            Thread.Sleep(500);
        }
        CancelWish.Make(folder); // stays for tasks that the coordinator had not found yet; the next `run` forgets it
        try { ClusterPlace.CancelWaiting(folder); }
        catch (InputException) { } // no scheduler here: those that wait end when they start
        if (json) return Json.Print(new { Store = Path.GetFullPath(folder), Stopped = lookedAfter });
        Console.WriteLine(lookedAfter
            ? $"Stopped; what was done is saved in {folder}."
            : $"No coordinator is at work. What runs sees the wish, saves and ends; what waits does not start. `allometry run` goes on from there.");
        return CommandLine.Success;
    }
}
