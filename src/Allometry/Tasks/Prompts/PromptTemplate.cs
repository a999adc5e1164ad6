using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tasks.Prompts;

/// <summary>One way to put a data set's rows into words: what a model reads, and what it is to answer.</summary>
public sealed record PromptTemplate(
    [Description("Names the template within its set.")] string Name,
    [Description("The input, columns in braces: \"Does it follow? {premise} {hypothesis}\".")] string Prompt,
    [Description("The answer: choices in words of the template's own (label), of the row's own (choice), or free text.")] Answer Answer,
    [Description("Whether it asks what the data set was made for, or turns its rows to another use.")] bool Original = true,
    [Description("The scores; the set's where left out.")] IReadOnlyList<Metric>? Metrics = null) : IReadable<PromptTemplate>
{
    static PromptTemplate? IReadable<PromptTemplate>.FromNode(Node node, ReadContext context) => context.ReadMembers<PromptTemplate>(node.AsLists("metrics"));
}
