using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Allometry.Kinds;

/// <summary>One reading of nodes into records: it collects every problem, and builds a value only where there was none below it.</summary>
public sealed class ReadContext
{
    private readonly List<(Position At, Problem Problem)> problems = [];

    internal ReadContext() { }

    /// <summary>Notes a problem at a node; reading goes on, so that all problems are told at once.</summary>
    public void Report(Node node, string what, string mend) => Report(node.At, what, mend);

    public void Report(Position at, string what, string mend) => problems.Add((at, new Problem(at.ToString(), what, mend)));

    /// <summary>Reads a node as a <typeparamref name="T"/>; <paramref name="label"/> names it in problems (<c>'budget' of pretrain</c>). Null or default after a problem.</summary>
    public T? Read<T>(Node node, string label) => Read(typeof(T), node, label) is T value ? value : default;

    /// <summary>Reads a node in the ordinary way, as a kind or as the constructor parameters of <typeparamref name="T"/>, passing by its own <see cref="IReadable{TSelf}"/>.</summary>
    public T? ReadMembers<T>(Node node) where T : class =>
        (typeof(T).IsAbstract ? ReadKind(typeof(T), node, Schema.Words(typeof(T))) : ReadRecord(typeof(T), node, Schema.Of(typeof(T)).Name)) as T;

    /// <summary>A value as nodes, as if written out in full in YAML: the ground over which given members are laid.</summary>
    public Node Write(object value) => JsonText.Nodes(Canonical.Full(value), Schema.Kebab(value.GetType().Name));

    internal object? Read(Type type, Node node, string label)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return node.IsNull ? null : Read(inner, node, label);
        if (node.IsNull) return Wrong(node, $"{label} must not be null", $"give {Article(type)}");
        if (ScalarText.Reads(type)) return ReadScalar(type, node, label);
        if (Schema.MapValue(type) is { } value) return ReadMap(value, node, label);
        if (Schema.ListItem(type) is { } item) return ReadList(type, item, node, label);
        return ReadObject(type, node, label);
    }

    internal void ThrowIfAny()
    {
        if (problems.Count == 0) return;
        var ordered = problems.OrderBy(problem => problem.At.File, StringComparer.Ordinal).ThenBy(problem => problem.At.Line).ThenBy(problem => problem.At.Column);
        throw new InputException([.. ordered.Select(problem => problem.Problem).Distinct()]);
    }

    private object? ReadScalar(Type type, Node node, string label)
    {
        if (node is ScalarNode scalar && ScalarText.Parse(type, scalar) is { } value) return value;
        var mend = type.IsEnum && node is ScalarNode word ? Suggestion.For(word.Text, Enum.GetNames(type).Select(Schema.Kebab)) : $"give {Article(type)}";
        return Wrong(node, $"{label} should be {Article(type)} but is {Show(node)}", mend);
    }

    private IList? ReadList(Type type, Type item, Node node, string label)
    {
        if (node is not ListNode list) return (IList?)Wrong(node, $"{label} should be a list but is {Show(node)}", $"write a list of {Schema.Words(item)}: [..., ...]");
        var before = problems.Count;
        var values = list.Items.Select((element, i) => Read(item, element, $"item {i + 1} of {label}")).ToList();
        if (problems.Count > before) return null;
        var array = Array.CreateInstance(item, values.Count);
        for (var i = 0; i < values.Count; i++) array.SetValue(values[i], i);
        return type.IsAssignableFrom(array.GetType()) ? array : (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item), array)!;
    }

    private IDictionary? ReadMap(Type type, Node node, string label)
    {
        if (node is not MapNode map) return (IDictionary?)Wrong(node, $"{label} should be a map but is {Show(node)}", $"write {{ name: {Schema.Words(type)} }}");
        var before = problems.Count;
        var values = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), type))!;
        foreach (var member in map.Members)
            if (Read(type, member.Value, $"'{member.Name}' in {label}") is { } value) values[member.Name] = value;
        return problems.Count > before ? null : values;
    }

    // Presets first, then the type's own reading, then kinds, then the map of constructor parameters.
    private object? ReadObject(Type type, Node node, string label)
    {
        var resolved = Presets.Resolve(type, node, this);
        if (resolved is null) return null;
        if (ReadableOf(type) is { } own) return Guarded(resolved, () => own(resolved));
        return type.IsAbstract ? ReadKind(type, resolved, label) : ReadRecord(type, resolved, label);
    }

    private object? ReadKind(Type type, Node node, string label)
    {
        var map = node as MapNode ?? (node is ScalarNode word ? MapNode.OfKind(word) : null);
        if (map is null) return Wrong(node, $"{label} should be {Article(type)} but is {Show(node)}", "write its kind, or { kind: ..., members }");
        if (map["kind"] is not ScalarNode kind) return Wrong(map["kind"] ?? map, $"{label} lacks its 'kind'", Suggestion.For("", Catalogue.Names(type)));
        if (Catalogue.Find(type, kind.Text) is not { } entry)
            return Wrong(kind, $"unknown {Schema.Kebab(type.Name)} '{kind.Text}'", Suggestion.For(kind.Text, Catalogue.Names(type)));
        return ReadableOf(entry.Type) is { } own
            ? Guarded(node, () => own(map.Without("kind")))
            : ReadRecord(entry.Type, map, label);
    }

    private object? ReadRecord(Type type, Node node, string label)
    {
        var schema = Schema.Of(type);
        if (node is not MapNode map) return Wrong(node, $"{label} should be {Article(type)} but is {Show(node)}", $"write a map of {Names(schema)}");
        if (type.GetCustomAttribute<KindAttribute>(inherit: false)?.Name == map.Kind && map.Kind is not null) map = map.Without("kind");
        var before = problems.Count;
        foreach (var member in map.Members.Where(member => schema.Find(member.Name) is null))
            Report(member.At, $"unknown member '{member.Name}' of {schema.Name}", Suggestion.For(member.Name, schema.Members.Select(known => known.Name)));
        var arguments = schema.Members.Select(member => ReadMember(member, map, schema.Name)).ToArray();
        return problems.Count > before ? null : Guarded(map, () => Checked(schema, schema.Build(arguments), map));
    }

    private object? ReadMember(SchemaMember member, MapNode map, string owner)
    {
        if (map[member.Name] is not { } node)
            return member.HasDefault ? member.Default()
                : Wrong(map, $"{owner} lacks '{member.Name}'", $"add '{member.Name}: {Schema.Words(member.Type)}'" + (member.Description.Length > 0 ? $" ({member.Description.TrimEnd('.')})" : ""));
        if (node.IsNull && member.AllowsNull) return null;
        var value = Read(member.Type, node, $"'{member.Name}' of {owner}");
        if (value is not null && member.Range is { } range && !range.IsValid(value))
            Report(node, $"'{member.Name}' of {owner} is {Show(node)}", $"it must be {Words(range)}");
        return value;
    }

    private object Checked(Schema schema, object record, MapNode map)
    {
        if (record is not IChecked rules) return record;
        foreach (var (property, what, mend) in rules.Check())
        {
            var member = schema.Members.FirstOrDefault(candidate => candidate.PropertyName == property)?.Name;
            Report(member is null ? map : map[member] ?? map, what, mend);
        }
        return record;
    }

    // Whatever a record's constructor or own reading refuses is a problem of the input, at the place of the node.
    private object? Guarded(Node node, Func<object?> build)
    {
        try
        {
            return build();
        }
        catch (InputException e)
        {
            foreach (var problem in e.Problems) Report(node, problem.What, problem.Mend);
        }
        catch (ArgumentException e)
        {
            Report(node, e.Message, "");
        }
        return null;
    }

    private object? Wrong(Node node, string what, string mend)
    {
        Report(node, what, mend);
        return null;
    }

    private Func<Node, object?>? ReadableOf(Type type) =>
        type.GetInterfaces().Any(known => known.IsGenericType && known.GetGenericTypeDefinition() == typeof(IReadable<>) && known.GetGenericArguments()[0] == type)
            ? OwnReading.MakeGenericMethod(type).CreateDelegate<Func<Node, object?>>(this) : null;

    private static readonly MethodInfo OwnReading = typeof(ReadContext).GetMethod(nameof(ReadOwn), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private object? ReadOwn<T>(Node node) where T : IReadable<T> => T.FromNode(node, this);

    private static string Names(Schema schema) => string.Join(", ", schema.Members.Select(member => member.Name));

    private static string Words(RangeAttribute range) =>
        $"{(range.MinimumIsExclusive ? "above" : "at least")} {Canonical.Words(range.Minimum)} and {(range.MaximumIsExclusive ? "below" : "at most")} {Canonical.Words(range.Maximum)}";

    private static string Article(Type type)
    {
        var words = Schema.Words(type);
        return type.IsEnum ? $"one of {words}" : words is "text" or "true | false" ? words : "aeiou".Contains(words[0], StringComparison.Ordinal) ? $"an {words}" : $"a {words}";
    }

    private static string Show(Node node) => node switch
    {
        ScalarNode { Quoted: true } text => $"the text \"{Shorten(text.Text)}\"",
        ScalarNode word => $"'{Shorten(word.Text)}'",
        ListNode => "a list",
        _ => "a map",
    };

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
