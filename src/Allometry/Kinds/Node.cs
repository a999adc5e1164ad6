namespace Allometry.Kinds;

/// <summary>A piece of YAML or JSON that knows where it stands; immutable, so that aliases and presets can share it.</summary>
public abstract class Node(Position at)
{
    public Position At => at;

    /// <summary>An unquoted <c>null</c> or <c>~</c>, or nothing at all.</summary>
    public virtual bool IsNull => false;

    /// <summary>Number of nodes with every alias written out: bounds what a few lines of nested aliases can cost.</summary>
    internal virtual long Size => 1;

    /// <summary>Levels of nesting with every alias written out.</summary>
    internal virtual int Depth => 1;

    /// <summary>
    /// This node with the members of <paramref name="below"/> showing through wherever it has none, level by level. Lists and words replace what is below,
    /// and so does a map that names another <c>kind</c>; a word below counts as <c>{ kind: word }</c>.
    /// </summary>
    public Node Over(Node below)
    {
        if (this is not MapNode above) return this;
        var under = below is ScalarNode { IsNull: false } word ? MapNode.OfKind(word) : below as MapNode;
        return under is null || (above.Kind is { } kind && kind != under.Kind) ? this : above.OverMembers(under);
    }
}
