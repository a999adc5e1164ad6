namespace Allometry.Kinds;

/// <summary>Lets one item stand without list brackets: <c>from: pretrain</c>.</summary>
public static class SingleItems
{
    public static Node AsLists(this Node node, params string[] names) => node is MapNode map
        ? new MapNode(map.At, [.. map.Members.Select(member => names.Contains(member.Name) ? Listed(member) : member)])
        : node;

    private static MapMember Listed(MapMember member) => member.Value is ListNode || member.Value.IsNull ? member : member with { Value = new ListNode(member.Value.At, [member.Value]) };
}
