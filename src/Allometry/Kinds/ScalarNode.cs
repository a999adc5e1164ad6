namespace Allometry.Kinds;

/// <summary>A word, number or text exactly as written; the type that is expected decides what it means.</summary>
public sealed class ScalarNode(Position at, string Text, bool Quoted) : Node(at)
{
    public string Text { get; } = Text;

    public bool Quoted { get; } = Quoted;

    public override bool IsNull => !Quoted && Text is ("" or "~" or "null");
}
