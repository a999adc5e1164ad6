namespace Allometry.Kinds;

/// <summary>A YAML sequence.</summary>
public sealed class ListNode(Position at, IReadOnlyList<Node> items) : Node(at)
{
    public IReadOnlyList<Node> Items => items;

    internal override long Size { get; } = 1 + items.Sum(item => item.Size);

    internal override int Depth { get; } = 1 + items.Select(item => item.Depth).DefaultIfEmpty().Max();
}
