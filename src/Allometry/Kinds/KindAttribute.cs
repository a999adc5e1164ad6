namespace Allometry.Kinds;

/// <summary>Makes a sealed record nameable in YAML: <paramref name="name"/> (kebab-case) is its <c>kind</c> among the heirs of the nearest abstract record above it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KindAttribute(string name) : Attribute
{
    public string Name => name;
}
