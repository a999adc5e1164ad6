using System.ComponentModel;
using System.Text.Json.Nodes;
using Allometry.Kinds;

namespace Allometry.Tasks.Mixtures;

/// <summary>
/// Tasks that one model learns together, drawn at rates, and is scored on one by one and in their average. A task by itself is the mixture of that task:
/// where a mixture is expected, <c>sst2</c> or a task written out will do, and a bare word may name a ready mixture (<c>glue</c>).
/// </summary>
public sealed record Mixture(
    [Description("Names the mixture in results: glue/average.")] string Name,
    [Description("The tasks; one without train files is only scored.")] IReadOnlyList<TextTask> Tasks,
    [Description("How often each task is drawn; in proportion to its examples where left out.")] MixingRates? Rates = null,
    [Description("Groups of tasks, each of which counts once in the average, with the mean over all its scores; left out, every task is a group.")] IReadOnlyList<IReadOnlyList<string>>? Average = null)
    : IReadable<Mixture>, IWritable, IChecked
{
    /// <summary>A task by itself.</summary>
    public static Mixture Of(TextTask task) => new(task.Name, [task]);

    /// <summary>True for one task under its own name.</summary>
    public bool IsSingle => Tasks is [var only] && only.Name == Name;

    /// <summary>
    /// The benchmark's own result, "average": the mean over groups of the mean over all scores of a group's tasks (T5's eval_utils.py, compute_avg_glue),
    /// on all their examples. Null where a task of a group has no result. One result a task.
    /// </summary>
    public TaskResult? Together(IReadOnlyList<TaskResult> results)
    {
        var groups = Average ?? [.. Tasks.Select(task => (IReadOnlyList<string>)[task.Name])];
        if (!groups.SelectMany(group => group).All(name => results.Any(result => result.Task == name))) return null;
        double Mean(Func<MetricScore, double> score) =>
            groups.Average(group => results.Where(result => group.Contains(result.Task)).SelectMany(result => result.Scores).Average(score));
        return new TaskResult(Name, results[0].Split, [new MetricScore("average", Mean(score => score.Value), Mean(score => score.Majority))],
            [.. results.SelectMany(result => result.Predictions)])
        { Seconds = results.Sum(result => result.Seconds) };
    }

    static Mixture? IReadable<Mixture>.FromNode(Node node, ReadContext context)
    {
        if (node is MapNode map && map["tasks"] is not null) return context.ReadMembers<Mixture>(node.AsLists("tasks"));
        if (node is ScalarNode word && Catalogue.Find(typeof(TextTask), word.Text) is null)
        {
            var ready = Catalogue.Of(typeof(TextTask)).Concat(Catalogue.Of(typeof(Mixture))).Select(entry => entry.Name);
            context.Report(node, $"there is no ready task or mixture '{word.Text}'", Suggestion.For(word.Text, ready));
            return null;
        }

        return context.Read<TextTask>(node, "the task") is { } task ? Of(task) : null;
    }

    JsonNode? IWritable.ToNode()
    {
        if (IsSingle && Rates is null && Average is null) return Canonical.Node(Tasks[0]);
        var node = new JsonObject { ["name"] = Name, ["tasks"] = new JsonArray([.. Tasks.Select(Canonical.Node)]) };
        if (Rates is not null) node["rates"] = Canonical.Node(Rates);
        if (Average is not null) node["average"] = Canonical.Node(Average);
        return node;
    }

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check()
    {
        foreach (var nameless in PartName.Check(nameof(Name), Name, "a mixture")) yield return nameless;
        if (Tasks.Count == 0)
            yield return (nameof(Tasks), "there is no task", "name one, or write one out");
        else if (Tasks.All(task => task.Files.Train is null))
            yield return (nameof(Tasks), "no task has files to learn from", "add one that has a train split");
        foreach (var twice in Tasks.GroupBy(task => task.Name).Where(group => group.Count() > 1))
            yield return (nameof(Tasks), $"two tasks are called '{twice.Key}'", "give each a name of its own");
        if (Tasks.Count > 1 && Tasks.Any(task => task.Name == Name))
            yield return (nameof(Name), $"one of its tasks is called '{Name}' too", "give the mixture a name of its own");
        foreach (var unknown in (Average ?? []).SelectMany(group => group).Where(name => !Tasks.Any(task => task.Name == name)))
            yield return (nameof(Average), $"there is no task '{unknown}' in the mixture", Suggestion.For(unknown, Tasks.Select(task => task.Name)));
        foreach (var problem in Rates?.Check(this) ?? []) yield return (nameof(Rates), problem.What, problem.Mend);
    }
}
