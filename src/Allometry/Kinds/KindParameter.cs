namespace Allometry.Kinds;

/// <summary>A member of a kind as YAML sees it: kebab-case name, type in words, and the default in words where it may be left out.</summary>
public sealed record KindParameter(string Name, string Type, string? Default, bool Required, string Description);
