using System.CommandLine;
using System.Globalization;
using Allometry.Experiments;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Cli.Verbs;

/// <summary>Task metrics of a checkpoint.</summary>
public static class EvaluateVerb
{
    public static Command Command()
    {
        var folder = Options.Checkpoint();
        var tasks = new Option<string>("--tasks") { Description = "Ready tasks by name (sst2,cola), or a file { tasks: [...] }, written as in a recipe.", HelpName = "TASKS", Required = true };
        var split = new Option<string>("--split") { Description = "train, validation or test.", HelpName = "SPLIT", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var json = Options.Json();
        var command = new Command("evaluate", "Task metrics of a checkpoint.") { folder, tasks, split, json };
        var decoding = new DecodingOptions();
        decoding.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetValue(folder)!, Read(parsed.GetValue(tasks)!, decoding.Read(parsed)), Enum.Parse<Split>(parsed.GetValue(split)!, ignoreCase: true), parsed.GetValue(json)));
        return command;
    }

    private static IReadOnlyList<TaskData> Read(string tasks, Decoding? decoding)
    {
        // A word without a dot and a folder is a ready task; a file that is not there is told as one.
        var list = tasks.AsSpan().IndexOfAny('.', '/', '\\') >= 0 || File.Exists(tasks) ? Reader.ReadFile<TaskList>(tasks) : Reader.Read<TaskList>($"tasks: [{tasks}]", "--tasks");
        var folder = Path.GetDirectoryName(Path.GetFullPath(tasks))!;
        return [.. list.Tasks.Select(task => TaskData.Load(DataFiles.Located(task, folder) with { Decoding = decoding ?? task.Decoding }))];
    }

    private static int Run(string folder, IReadOnlyList<TaskData> tasks, Split split, bool json)
    {
        var loaded = LoadedModel.Load(folder);
        using var model = loaded.Model;
        var results = tasks.Select(data => new Evaluation().Run(model, data, split, loaded.Tokenizer)).ToList();
        return json ? Json.Print(results.Select(Document)) : Print(results);
    }

    private static int Print(IReadOnlyList<TaskResult> results)
    {
        var table = new TextTable("task", "metric", "score", "majority", "examples") { Words = 2 };
        foreach (var result in results)
            foreach (var score in result.Scores)
                table.Add(result.Task, score.Metric, Four(score.Value), Four(score.Majority), Figures.Exact(result.Examples));
        table.Print(Console.Out);
        return CommandLine.Success;
    }

    private static object Document(TaskResult result) => new
    {
        result.Task,
        Split = result.Split.ToString().ToLowerInvariant(),
        result.Examples,
        result.Chance,
        result.Seconds,
        Scores = result.Scores.Select(score => new { score.Metric, score.Value, score.Majority }),
    };

    private static string Four(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}

/// <summary>What a file of tasks holds.</summary>
public sealed record TaskList(IReadOnlyList<TextTask> Tasks);
