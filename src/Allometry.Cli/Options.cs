using System.CommandLine;
using Allometry.Kinds;

namespace Allometry.Cli;

/// <summary>Arguments and options that several verbs share.</summary>
public static class Options
{
    public static Option<bool> Json() => new("--json") { Description = "One JSON document on standard output, nothing else there." };

    public static Argument<string> Recipe() => new("recipe") { Description = "The recipe (.yaml)." };

    public static Option<string?> Store() => new("--store") { Description = "Folder of the store; default: .allometry/NAME, NAME being the recipe's.", HelpName = "DIR" };

    public static Option<int?> Jobs()
    {
        var jobs = new Option<int?>("--jobs") { Description = "Runs side by side; as many as measurement says are best where left out. It changes no number.", HelpName = "N" };
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1) result.AddError("--jobs: at least one run goes at a time; give 1 or more");
        });
        return jobs;
    }

    public static Option<string> Device()
    {
        var device = new Option<string>("--device") { Description = "cpu or cuda.", DefaultValueFactory = _ => "cpu" };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        return device;
    }

    public static Option<bool> Plain() => new("--plain") { Description = "Without hand-written kernels." };

    public static Option<bool> Naive() => new("--naive") { Description = "Spare nothing: every run from scratch to its end. It shows what the recipe's savings are worth." };

    public static Argument<string?> StoreArgument() => new("store")
    {
        Description = "Folder of the store; default: the newest one under .allometry.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Argument<string> Checkpoint() => new("folder") { Description = "Folder of a model: STORE/artifacts/RUN/model." };

    /// <summary>A duration such as 90s, 15m or 2h.</summary>
    public static TimeSpan Duration(string option, string text) => Quantity.TryDuration(text, out var time) && time > TimeSpan.Zero
        ? time
        : throw new InputException(option, $"'{text}' is no duration", "write a number and its unit: 90s, 15m, 2h");
}
