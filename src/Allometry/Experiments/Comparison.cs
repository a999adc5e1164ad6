using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Experiments;

/// <summary>What the report sets against what.</summary>
public sealed record Comparison(
    [Description("Tasks whose mean score is the quality; all of them where left out.")] IReadOnlyList<string>? Quality = null,
    [Description("Costs to draw a frontier against; parameters, training-flops, seconds and memory where left out.")] IReadOnlyList<string>? Cost = null,
    [Description("The shape, or an arm of one as the report writes it (small · spans), against which others are timed to the same held-out loss; left out: none.")] string? Baseline = null) : IReadable<Comparison>
{
    static Comparison? IReadable<Comparison>.FromNode(Node node, ReadContext context) => context.ReadMembers<Comparison>(node.AsLists("quality", "cost"));
}
