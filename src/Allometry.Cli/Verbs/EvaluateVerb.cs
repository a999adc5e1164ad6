using System.CommandLine;
using System.Globalization;
using Allometry.Experiments;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using Allometry.Text;

namespace Allometry.Cli.Verbs;

/// <summary>Task metrics of a checkpoint.</summary>
public static class EvaluateVerb
{
    public static Command Command()
    {
        var folder = Options.Checkpoint();
        var tasks = new Option<string>("--tasks") { Description = "Ready tasks and mixtures by name (sst2,glue), or a file { tasks: [...] }, written as in a recipe.", HelpName = "TASKS", Required = true };
        var split = new Option<string>("--split") { Description = "train, validation or test.", HelpName = "SPLIT", DefaultValueFactory = _ => "test" };
        split.AcceptOnlyFromAmong("train", "validation", "test");
        var json = Options.Json();
        var command = new Command("evaluate", "Task metrics of a checkpoint.") { folder, tasks, split, json };
        var decoding = new DecodingOptions();
        decoding.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetValue(folder)!, Read(parsed.GetValue(tasks)!, decoding.Read(parsed)), Enum.Parse<Split>(parsed.GetValue(split)!, ignoreCase: true), parsed.GetValue(json)));
        return command;
    }

    private static IReadOnlyList<Mixture> Read(string tasks, Decoding? decoding)
    {
        // A word without a dot and a folder is a ready task; a file that is not there is told as one.
        var list = tasks.AsSpan().IndexOfAny('.', '/', '\\') >= 0 || File.Exists(tasks) ? Reader.ReadFile<TaskList>(tasks) : Reader.Read<TaskList>($"tasks: [{tasks}]", "--tasks");
        var found = DataFiles.Located(list, Path.GetDirectoryName(Path.GetFullPath(tasks))!).Tasks;
        return decoding is null ? found : [.. found.Select(mixture => mixture with { Tasks = [.. mixture.Tasks.Select(task => task with { Decoding = decoding })] })];
    }

    private static int Run(string folder, IReadOnlyList<Mixture> mixtures, Split split, bool json)
    {
        var tables = Load(mixtures, split);
        var loaded = LoadedModel.Load(folder);
        using var model = loaded.Model;
        var results = mixtures.Zip(tables).SelectMany(pair => Results(pair.First, [.. pair.Second.Select(data => new Evaluation().Run(model, data, split, loaded.Tokenizer))])).ToList();
        return json ? Json.Print(results.Select(Document)) : Print(results);
    }

    private static List<List<TaskData>> Load(IReadOnlyList<Mixture> mixtures, Split split)
    {
        var problems = new List<Problem>();
        IEnumerable<TaskData> Tried(TextTask task)
        {
            TaskData? data = null;
            problems.AddRange(Materials.Tried(() => (data = TaskData.Load(Evaluated(task, split))).Of(split)));
            return data is null ? [] : [data];
        }

        var tables = mixtures.Select(mixture => mixture.Tasks.SelectMany(Tried).ToList()).ToList();
        return problems.Count == 0 ? tables : throw new InputException(problems);
    }

    private static IEnumerable<TaskResult> Results(Mixture mixture, IReadOnlyList<TaskResult> results) =>
        mixture.IsSingle || mixture.Together(results) is not { } together ? results : [.. results, together];

    // What is scored must be there; of the other splits only what is: train tells the majority.
    private static TextTask Evaluated(TextTask task, Split split)
    {
        if (task.Files.Of(split) is null) return task;
        IReadOnlyList<string>? There(Split other) => other == split || task.Files.Of(other)?.All(path => TableFile.OnDisk(path) is not null) == true ? task.Files.Of(other) : null;
        var (train, validation) = (There(Split.Train), There(Split.Validation));
        if (split != Split.Train && validation is null && task.Files.Validation is not null) train = null; // else a part of it would be held out
        return task with { Files = task.Files with { Train = train, Validation = validation, Test = There(Split.Test) } };
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
public sealed record TaskList(IReadOnlyList<Mixture> Tasks);
