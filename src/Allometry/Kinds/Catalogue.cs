using System.Reflection;

namespace Allometry.Kinds;

/// <summary>
/// Everything that YAML can name: the sealed records with a <see cref="KindAttribute"/> and the presets of every known assembly.
/// Allometry's own is there from the start; a stranger's is added by one call.
/// </summary>
public static class Catalogue
{
    private static readonly Lock Gate = new();
    private static CatalogueState? state;

    public static IReadOnlyList<KindEntry> All => State.Entries;

    internal static CatalogueState State
    {
        get
        {
            lock (Gate) return state ??= CatalogueState.Empty.With(typeof(Catalogue).Assembly);
        }
    }

    /// <summary>Adds the kinds and the embedded <c>*presets.yaml</c> of an assembly; twice is once. A name that is taken is an <see cref="InputException"/>, and nothing is added.</summary>
    public static void Add(Assembly assembly)
    {
        lock (Gate) state = State.With(assembly);
    }

    /// <summary>What can be named where <paramref name="abstractBase"/> is expected, kinds before presets.</summary>
    public static IReadOnlyList<KindEntry> Of(Type abstractBase) => [.. All.Where(entry => CatalogueState.Fits(entry, abstractBase))];

    /// <summary>Records without a kind, which YAML writes as maps: <paramref name="root"/>, and whatever it and the kinds have as members and that has no form of its own.</summary>
    public static IReadOnlyList<KindEntry> Records(Type root)
    {
        var (found, open) = (new HashSet<Type>(), new Queue<Type>(All.Select(entry => entry.Type).Prepend(root)));
        while (open.TryDequeue(out var type))
        {
            if (type.IsAbstract || !State.Assemblies.Contains(type.Assembly) || !found.Add(type)) continue;
            foreach (var member in Schema.Of(type).Members.Select(member => Schema.RecordIn(member.Type)).OfType<Type>()) open.Enqueue(member);
        }

        return [.. found.Where(type => !type.IsDefined(typeof(KindAttribute), inherit: false) && !type.IsAssignableTo(typeof(IWritable))).Select(CatalogueState.Record).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    /// <summary>One of every sealed record below a base that YAML does not name, of every known assembly.</summary>
    public static IReadOnlyList<T> Every<T>() where T : class =>
        [.. State.Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsSealed: true, IsClass: true } && type.IsAssignableTo(typeof(T))).Select(type => (T)Activator.CreateInstance(type)!)];

    public static KindEntry? Find(Type abstractBase, string name) => All.FirstOrDefault(entry => entry.Name == name && CatalogueState.Fits(entry, abstractBase));

    /// <summary>The kind of a record as YAML names it.</summary>
    public static string NameOf(object record) => Schema.Of(record.GetType()).Name;

    internal static IEnumerable<string> Names(Type abstractBase) => Of(abstractBase).Select(entry => entry.Name);

    internal static bool IsBase(Type type) => type is { IsClass: true, IsAbstract: true } && All.Any(entry => entry.Type.IsAssignableTo(type));

    internal static void AddPresets(string yaml, string name)
    {
        lock (Gate) state = State.With(YamlText.Parse(yaml, name));
    }
}
