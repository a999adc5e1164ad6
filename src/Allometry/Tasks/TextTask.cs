using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Tasks.Metrics;

namespace Allometry.Tasks;

/// <summary>
/// A task as text in, text out: rows of tables, a prompt made of their columns, the answer to write, and how answers are scored.
/// A bare word names a ready task (<c>sst2</c>), <c>{ kind: sst2, files: { limit: { train: 1000 } } }</c> changes one.
/// </summary>
public sealed record TextTask(
    [Description("Names the task in results: tag/accuracy.")] string Name,
    [Description("The tables.")] TaskFiles Files,
    [Description("The input, columns in braces: \"tag: {text}\"; a doubled brace is a brace.")] string Prompt,
    [Description("What to write.")] Answer Answer,
    [Description("The scores; the first is the one to compare by.")] IReadOnlyList<Metric> Metrics,
    [Description("Longest input in tokens, end token included; what is longer loses its end."), Range(2, 65536)] int InputLength = 512,
    [Description("Longest target in tokens, end token included; what is longer loses its end."), Range(2, 65536)] int TargetLength = 64,
    [Description("Turns rows as they are published into rows with the columns that the prompt and the answer name; left out, the rows are as they should be.")] Conversion? Convert = null) : IReadable<TextTask>, IChecked
{
    [Description("How the model writes its answer; left out: greedy.")]
    public Decoding? Decoding { get; init; }

    static TextTask? IReadable<TextTask>.FromNode(Node node, ReadContext context)
    {
        if (node is not ScalarNode word)
        {
            return context.ReadMembers<TextTask>(node.AsLists("metrics"));
        }

        context.Report(node, $"there is no ready task '{word.Text}'", Suggestion.For(word.Text, Catalogue.Of(typeof(TextTask)).Select(entry => entry.Name)));
        return null;
    }

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check()
    {
        foreach (var nameless in PartName.Check(nameof(Name), Name, "a task")) yield return nameless;
        if (Template.Problem(Prompt) is { } what)
        {
            yield return (nameof(Prompt), what, "write columns in braces, as in \"tag: {text}\"");
        }

        if (Metrics.Count == 0)
        {
            yield return (nameof(Metrics), "no metric is named", "name one at least, as in [accuracy]");
        }

        if (Decoding is not null && Answer.Decision == Decision.Rank)
        {
            yield return (nameof(Decoding), "nothing is written where the likeliest label is taken (decide: rank)", "leave decoding out, or write decide: greedy");
        }

        foreach (var metric in Metrics.Select(MetricProblem).OfType<(string What, string Mend)>())
        {
            yield return (nameof(Metrics), metric.What, metric.Mend);
        }
    }

    private (string What, string Mend)? MetricProblem(Metric metric) =>
        Metrics.Count(other => other.Name == metric.Name) > 1 ? ($"the metric '{metric.Name}' is named twice", "name each once")
        : metric.NeedsLabels && Answer.Words is null ? ($"the metric '{metric.Name}' counts classes, but the answer is free text", "use an answer of kind label, or another metric")
        : metric is F1 { Positive: { } positive } && Answer.Words?.Contains(positive) == false ? ($"f1's positive class '{positive}' is no label word", Suggestion.For(positive, Answer.Words))
        : null;
}
