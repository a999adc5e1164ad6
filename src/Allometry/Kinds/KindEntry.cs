namespace Allometry.Kinds;

/// <summary>Something that YAML can name where a <paramref name="Base"/> is expected: a <see cref="KindAttribute">kind</see>, or a preset of one.</summary>
public sealed record KindEntry(Type Base, Type Type, string Name, string Summary, IReadOnlyList<KindParameter> Parameters)
{
    public bool IsPreset { get; init; }

    /// <summary>The value that the bare name stands for; an <see cref="InputException"/> where a member without a default is missing.</summary>
    public object Default() => Reader.Read(Base, new ScalarNode(new Position(Name), Name, Quoted: true));
}
