using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Tasks.Metrics;
using Allometry.Text;

namespace Allometry.Tasks.Prompts;

/// <summary>
/// A data set with several templates: each makes a task of the same rows in other words. It is learnt as all of them, and scored on each; its result is their mean, and their spread says
/// how much hangs on the wording.
/// </summary>
public sealed record PromptedTask(
    [Description("Names the data set in results: rte/accuracy.")] string Name,
    [Description("Sets of one cluster ask for the same ability: what is held out must have no cluster in common with what is learnt.")] string Cluster,
    [Description("The tables.")] TaskFiles Files,
    [Description("The templates.")] IReadOnlyList<PromptTemplate> Templates,
    [Description("The scores of templates that name none; accuracy where left out.")] IReadOnlyList<Metric>? Metrics = null,
    [Description("Longest input in tokens, end token included; what is longer loses its end."), Range(2, 65536)] int InputLength = 512,
    [Description("Longest target in tokens, end token included; what is longer loses its end."), Range(2, 65536)] int TargetLength = 64) : IReadable<PromptedTask>, IChecked
{
    [Description("Turns rows as they are published into rows with the columns that the templates name.")]
    public Conversion? Convert { get; init; }

    /// <summary>One task a template, called SET.TEMPLATE.</summary>
    public IReadOnlyList<TextTask> Tasks =>
        [.. Templates.Select(template => new TextTask($"{Name}.{template.Name}", Files, template.Prompt, template.Answer, template.Metrics ?? Metrics ?? [new Accuracy()], InputLength, TargetLength, Convert))];

    /// <summary>The rows that it is scored on: validation's where there are any, else test's.</summary>
    public Split Scored => Files.Validation is null ? Split.Test : Split.Validation;

    static PromptedTask? IReadable<PromptedTask>.FromNode(Node node, ReadContext context)
    {
        if (node is not ScalarNode word) return context.ReadMembers<PromptedTask>(node.AsLists("metrics"));
        context.Report(node, $"there is no ready set of prompts '{word.Text}'", Suggestion.For(word.Text, Catalogue.Of(typeof(PromptedTask)).Select(entry => entry.Name)));
        return null;
    }

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check()
    {
        foreach (var nameless in PartName.Check(nameof(Name), Name, "a set", never: "/.")) yield return nameless;
        if (Files is { Validation: null, Test: null })
            yield return (nameof(Files), "there are no rows to score: rows held out of train would differ from template to template", "name validation or test files");
        if (!Templates.Any(template => template.Original)) yield return (nameof(Templates), "there is no template that asks what the set was made for", "write one at least: { name: ..., prompt: ..., answer: ... }");
        foreach (var twice in Templates.GroupBy(template => template.Name).Where(group => group.Count() > 1))
            yield return (nameof(Templates), $"two templates are called '{twice.Key}'", "give each a name of its own");
        foreach (var nameless in Templates.SelectMany(template => PartName.Check(nameof(Templates), template.Name, "a template"))) yield return nameless;
        foreach (var (template, task) in Templates.Zip(Tasks))
            foreach (var (_, what, mend) in ((IChecked)task).Check().Where(problem => problem.Member != nameof(TextTask.Name))) yield return (nameof(Templates), $"of '{template.Name}': {what}", mend);
        string[] compared = [.. Templates.Zip(Tasks).Where(pair => pair.First.Original).SelectMany(pair => pair.Second.Metrics.Take(1)).Select(metric => metric.Name).Distinct()];
        if (compared.Length > 1) yield return (nameof(Templates), $"the original ones have first metrics that are not alike ({string.Join(", ", compared)}), and a set's score is their mean", "give them the same, or write original: false where a template asks for something else");
    }
}
