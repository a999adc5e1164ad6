using System.CommandLine;
using System.Globalization;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Web;

namespace Allometry.Cli.Verbs;

/// <summary>The page: a study as it runs, in a browser on this machine.</summary>
public static class ServeVerb
{
    private const int UsualPort = 8642, LastPort = 65535;

    public static Command Command()
    {
        var store = Options.StoreArgument();
        var port = new Option<int>("--port") { Description = "Port of 127.0.0.1; 0 for any free one.", HelpName = "N", DefaultValueFactory = _ => UsualPort };
        var json = Options.Json();
        var command = new Command("serve", "Shows a study in a browser on this machine as it runs; starts, stops and compares.") { store, port, json };
        command.SetAction(parsed => Run(StoreFolder.Find(parsed.GetValue(store)), parsed.GetValue(port), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, int port, bool json)
    {
        if (port is < 0 or > LastPort) throw new InputException("--port", string.Create(CultureInfo.InvariantCulture, $"there is no port {port}"), $"give 1 to {LastPort}, or 0 for any free one");
        StudyStore.Read(folder).Dispose();
        using var stop = new StopSignal();
        return ServeAsync(new(folder, port, WorkerVerb.Itself, Directory.GetCurrentDirectory()), json, stop.Token).GetAwaiter().GetResult();
    }

    private static async Task<int> ServeAsync(Serving serving, bool json, CancellationToken stop)
    {
        await using var server = await Server.StartAsync(serving);
        if (json) Json.Print(new { server.Link });
        else Console.WriteLine($"{server.Link}\nOpen this on this machine. Whoever has the address may start and stop studies. Ctrl-C ends the page; studies go on.");
        try { await Task.Delay(Timeout.Infinite, stop); }
        catch (OperationCanceledException) { }
        return CommandLine.Success;
    }
}
