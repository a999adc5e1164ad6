using System.CommandLine;
using Allometry.Advising;
using Allometry.Analysis.Laws;
using Allometry.Cli.Progress;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Papers.ScaleEfficiently;
using Allometry.Reports;
using Allometry.Store;
using Spectre.Console;

namespace Allometry.Cli.Verbs;

/// <summary>The shape to train for what one can spend, by arithmetic and runs that were made; needs no libtorch, but to measure this machine where time is what is limited.</summary>
public static class AdviseVerb
{
    private static readonly Option<string?> Flops = new("--flops") { Description = "Compute of the training, such as 3e15.", HelpName = "N" };
    private static readonly Option<string?> Parameters = new("--parameters") { Description = "Parameters, such as 20M.", HelpName = "N" };
    private static readonly Option<string?> Time = new("--time") { Description = "Time of the training, such as 2h.", HelpName = "TIME" };
    private static readonly Option<string?> Memory = new("--memory") { Description = "Memory in training, such as 4GB.", HelpName = "BYTES" };
    private static readonly Option<string?> Store = new("--store") { Description = "Folder of a store whose own runs answer; published results where left out.", HelpName = "DIR" };
    private static readonly Option<bool> Far = new("--far") { Description = $"Foretell also more than {LawFit.FarthestFactor:0} times beyond the runs." };

    public static Command Command()
    {
        var json = Options.Json();
        var command = new Command("advise", "The shape to train for a budget: depth first, then the next width.") { Flops, Parameters, Time, Memory, Store, Far, json };
        command.SetAction(parsed => Run(parsed.GetValue(Store), LimitOf(parsed), parsed.GetValue(Far), parsed.GetValue(json)));
        return command;
    }

    private static Limit LimitOf(ParseResult parsed)
    {
        Limit[] given =
        [
            .. Read(parsed.GetValue(Flops), Limit.Flops), .. Read(parsed.GetValue(Parameters), Limit.Parameters),
            .. Read(parsed.GetValue(Time), text => Limit.Time(Options.Duration("--time", text))), .. Read(parsed.GetValue(Memory), Limit.Memory),
        ];
        return given is [var only] ? only : throw new InputException("advise", $"it takes one of --flops, --parameters, --time and --memory, and {given.Length} were given", "say what you can spend: allometry advise --parameters 20M");
    }

    private static IEnumerable<Limit> Read(string? text, Func<string, Limit> read) => text is null ? [] : [read(text)];

    private static Advisor AdvisorFor(string? folder, Limit limit, bool json)
    {
        if (folder is null)
        {
            var usual = Trial.Usual(PaceFor(limit, json)?.At(1));
            return new(usual, new DeepNarrow(), DeepNarrow.UsualWidths(shape => limit.Allows(usual.Of(shape))), PublishedOutlook.Of());
        }
        using var store = StudyStore.Read(folder);
        var (trial, study) = (Trial.Of(store), StudyReader.Read(store));
        return new(trial, new DeepNarrow(), trial.WidthsOf(study), StudyOutlook.Of(study));
    }

    /// <summary>What is known of this machine; measured now only where the answer hangs on it.</summary>
    private static MachinePace? PaceFor(Limit limit, bool json)
    {
        if (Paces.Latest() is { } kept) return kept;
        if (limit.Measure != "time") return null;
        using var watcher = Watchers.For(json);
        return Paces.IfMeasurable(Machine.This.Cores, watcher);
    }

    private static int Run(string? folder, Limit limit, bool far, bool json)
    {
        var advice = AdvisorFor(folder, limit, json).For(limit, far);
        if (json) return Json.Print(AdviceDocument.Of(advice));
        ConsoleReport.Write(AdvicePage.Of(advice, Machine.This.Version), AnsiConsole.Console);
        return CommandLine.Success;
    }
}
