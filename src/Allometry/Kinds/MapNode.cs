namespace Allometry.Kinds;

/// <summary>A YAML mapping: members in the order written, names unique.</summary>
public sealed class MapNode(Position at, IReadOnlyList<MapMember> members) : Node(at)
{
    public IReadOnlyList<MapMember> Members => members;

    /// <summary>The text of the member <c>kind</c>, or null.</summary>
    public string? Kind => (this["kind"] as ScalarNode)?.Text;

    public Node? this[string name] => members.FirstOrDefault(member => member.Name == name)?.Value;

    internal override long Size { get; } = 1 + members.Sum(member => member.Value.Size);

    internal override int Depth { get; } = 1 + members.Select(member => member.Value.Depth).DefaultIfEmpty().Max();

    internal static MapNode OfKind(ScalarNode word) => new(word.At, [new MapMember("kind", word.At, word)]);

    public MapNode Without(string name) => new(At, [.. members.Where(member => member.Name != name)]);

    internal MapNode OverMembers(MapNode below)
    {
        var shown = below.Members.Where(member => this[member.Name] is null);
        var own = members.Select(member => below[member.Name] is { } under ? member with { Value = member.Value.Over(under) } : member);
        return new MapNode(At, [.. shown, .. own]);
    }
}
