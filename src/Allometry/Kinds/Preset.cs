namespace Allometry.Kinds;

/// <summary>A named value of a type, given as YAML.</summary>
internal sealed record Preset(Type Base, string Name, string Summary, Node Node)
{
    /// <summary><c>architecture: { t5-1.0: { summary: ..., kind: encoder-decoder, ... } }</c>: the top keys are the types' names in kebab-case.</summary>
    public static IReadOnlyList<Preset> Read(Node root, IReadOnlyList<Type> types)
    {
        var problems = new List<Problem>();
        var presets = new List<Preset>();
        foreach (var (key, at, value) in MembersOf(root, problems))
        {
            var named = types.Where(type => Schema.Kebab(type.Name) == key && (type.IsPublic || type.IsNestedPublic)).Distinct().ToList();
            if (named is not [var type]) problems.Add(new Problem(at.ToString(), $"'{key}' names {(named.Count == 0 ? "no type" : "several types")}", "name the abstract record that these are presets of"));
            else presets.AddRange(MembersOf(value, problems).Select(member => Of(type, member)));
        }
        return problems.Count == 0 ? presets : throw new InputException(problems);
    }

    /// <summary>Its place in the catalogue: the kind at the end of its chain, with the values it sets as defaults.</summary>
    public KindEntry Entry(IReadOnlyList<KindEntry> kinds, IReadOnlyList<Preset> presets)
    {
        var node = Presets.Flatten(this, presets);
        var kind = node.Kind is { } name ? kinds.FirstOrDefault(entry => entry.Name == name && entry.Type.IsAssignableTo(Base)) : null;
        if (kind is null && Base.IsAbstract) throw new InputException(Node.At.ToString(), $"unknown {Schema.Kebab(Base.Name)} '{node.Kind}'", Suggestion.For(node.Kind ?? "", kinds.Where(entry => entry.Type.IsAssignableTo(Base)).Select(entry => entry.Name)));
        var type = kind?.Type ?? Base;
        var parameters = Schema.Of(type).Members.Select(member => member.ForPeople())
            .Select(parameter => node[parameter.Name] is { } given ? parameter with { Default = Words(given), Required = false } : parameter);
        return new KindEntry(Base, type, Name, Summary, [.. parameters]) { IsPreset = true };
    }

    /// <summary>YAML for people, on one line.</summary>
    private static string Words(Node node) => node switch
    {
        MapNode map => $"{{ {string.Join(", ", map.Members.Select(member => $"{member.Name}: {Words(member.Value)}"))} }}",
        ListNode list => $"[{string.Join(", ", list.Items.Select(Words))}]",
        _ => ((ScalarNode)node).Text,
    };

    private static Preset Of(Type type, MapMember member)
    {
        var map = member.Value as MapNode;
        var summary = (map?["summary"] as ScalarNode)?.Text ?? $"A preset of {map?.Kind ?? Schema.Kebab(type.Name)}.";
        return new Preset(type, member.Name, summary, map?.Without("summary") ?? member.Value);
    }

    private static IReadOnlyList<MapMember> MembersOf(Node node, List<Problem> problems)
    {
        if (node is MapNode map) return map.Members;
        problems.Add(new Problem(node.At.ToString(), "presets are maps", "write type: { name: { kind: ..., members } }"));
        return [];
    }
}
