using System.Reflection;

namespace Allometry.Kinds;

/// <summary>The catalogue at one moment; immutable, so that an addition that fails changes nothing.</summary>
internal sealed record CatalogueState(IReadOnlyList<Assembly> Assemblies, IReadOnlyList<KindEntry> Kinds, IReadOnlyList<Preset> Presets)
{
    public static readonly CatalogueState Empty = new([], [], []);

    public IReadOnlyList<KindEntry> Entries { get; } = [.. Kinds, .. Presets.Select(preset => preset.Entry(Kinds, Presets))];

    public static bool Fits(KindEntry entry, Type expected) => expected == entry.Base || (entry.Type.IsAssignableTo(expected) && expected.IsAbstract);

    /// <summary>The preset of that name that may stand where a type is expected, as the catalogue lists it; null: there is none.</summary>
    public Preset? PresetOf(Type expected, string? name) =>
        Presets.Zip(Entries.Skip(Kinds.Count)).Where(pair => pair.First.Name == name && Fits(pair.Second, expected)).Select(pair => pair.First).FirstOrDefault();

    public CatalogueState With(Assembly assembly)
    {
        if (Assemblies.Contains(assembly)) return this;
        var added = assembly.GetTypes().Where(type => type.GetCustomAttribute<KindAttribute>(inherit: false) is not null).Select(Entry);
        CatalogueState next = new([.. Assemblies, assembly], [.. Kinds, .. added.OrderBy(kind => kind.Base.Name, StringComparer.Ordinal).ThenBy(kind => kind.Name, StringComparer.Ordinal)], Presets);
        next.CheckNames();
        var resources = assembly.GetManifestResourceNames().Where(name => name.EndsWith("presets.yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return resources.Aggregate(next, (now, resource) => now.With(YamlText.Parse(TextOf(assembly, resource), resource)));
    }

    /// <summary>Presets may be of any type of any known assembly: a stranger names a task or a shape of ours.</summary>
    public CatalogueState With(Node presets)
    {
        CatalogueState next = this with { Presets = [.. Presets, .. Preset.Read(presets, [.. Kinds.Select(kind => kind.Base), .. Assemblies.SelectMany(known => known.GetTypes())])] };
        next.CheckNames();
        return new CatalogueState(next.Assemblies, next.Kinds, next.Presets);
    }

    public static KindEntry Record(Type type)
    {
        var schema = Schema.Of(type);
        return new KindEntry(type, type, schema.Name, Schema.Describe(type), [.. schema.Members.Select(member => member.ForPeople())]);
    }

    private static KindEntry Entry(Type type)
    {
        if (!type.IsSealed) throw new InvalidOperationException($"{type} has a [Kind] but is not sealed.");
        var schema = Schema.Of(type);
        return new KindEntry(Ancestors(type).LastOrDefault(above => above.IsAbstract) ?? throw new InvalidOperationException($"{type} has a [Kind] but no abstract record above it."),
            type, schema.Name, Schema.Describe(type), [.. schema.Members.Select(member => member.ForPeople())]);
    }

    private void CheckNames()
    {
        var named = Kinds.SelectMany(kind => Ancestors(kind.Base).Select(above => (Base: above, kind.Name, Where: kind.Type.FullName!)))
            .Concat(Presets.SelectMany(preset => Ancestors(preset.Base).Select(above => (Base: above, preset.Name, Where: preset.Node.At.ToString()))));
        var taken = named.GroupBy(name => (name.Base, name.Name)).Where(group => group.Count() > 1).ToList();
        if (taken.Count > 0)
            throw new InputException([.. taken.Select(group => new Problem(group.Last().Where,
                $"the {Schema.Kebab(group.Key.Base.Name)} '{group.Key.Name}' is already defined by {group.First().Where}", "give it another name"))]);
    }

    private static IEnumerable<Type> Ancestors(Type type)
    {
        yield return type;
        for (var above = type.BaseType; above is not null && above != typeof(object); above = above.BaseType) yield return above;
    }

    private static string TextOf(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
