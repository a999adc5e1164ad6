using Spectre.Console;

namespace Allometry.Cli.Progress;

/// <summary>Chooses how progress is shown: live in a terminal, as lines elsewhere; beside a JSON document on standard error.</summary>
public static class Watchers
{
    public static ShownWatcher For(bool json) =>
        json ? new LineWatcher(Console.Error)
        : AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? new LiveWatcher(AnsiConsole.Console)
        : new LineWatcher(Console.Out);
}
