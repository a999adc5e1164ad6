namespace Allometry.Kinds;

/// <summary>One <c>name: value</c> of a mapping; <paramref name="At"/> is where the name stands.</summary>
public sealed record MapMember(string Name, Position At, Node Value);
