using Allometry.Kinds;

namespace Allometry.Experiments;

/// <summary>
/// Shapes that say their architecture themselves: <c>shapes: [{ name: gated, architecture: { feed-forward: gated }, ... }]</c>. What it leaves out is the study's,
/// level by level (<see cref="Node.Over"/>). A shape holds sizes alone, so the architecture is moved to the recipe's own member before anything is read.
/// </summary>
internal static class OwnArchitectures
{
    private const string Shapes = "shapes", Own = "architecture", All = "architectures";

    public static Node Lifted(Node node, ReadContext context)
    {
        if (node is not MapNode recipe || recipe[Shapes] is not ListNode shapes) return node;
        var own = shapes.Items.OfType<MapNode>().Where(shape => shape[Own] is not null).ToList();
        if (own.Count == 0) return node;
        foreach (var nameless in own.Where(shape => NameOf(shape) is null))
            context.Report(nameless, "a shape with an architecture of its own has no name", "add 'name: ...', by which reports tell it from the others");
        var members = own.Where(shape => NameOf(shape) is not null).Select(shape => new MapMember(NameOf(shape)!, shape[Own]!.At, Merged(shape[Own]!, recipe[Own])));
        var former = recipe[All] is MapNode given ? given.Members : [];
        var bare = new ListNode(shapes.At, [.. shapes.Items.Select(item => item is MapNode shape ? shape.Without(Own) : item)]);
        var rest = recipe.Without(All).Members.Select(member => member.Name == Shapes ? member with { Value = bare } : member);
        return new MapNode(recipe.At, [.. rest, new(All, shapes.At, new MapNode(shapes.At, [.. former, .. members.DistinctBy(member => member.Name)]))]);
    }

    private static Node Merged(Node own, Node? study) => study is null ? own : own.Over(study);

    private static string? NameOf(MapNode shape) => (shape["name"] as ScalarNode)?.Text;
}
