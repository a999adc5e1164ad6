namespace Allometry.Kinds;

/// <summary>
/// Named values given as data: every embedded <c>*presets.yaml</c> holds <c>architecture: { t5-1.0: { kind: encoder-decoder, ... } }</c>, the top key being a
/// type's kebab-case name. The bare name, or <c>{ kind: t5-1.0, dropout: 0.1 }</c>, is replaced by the preset's members with the given ones laid over them
/// (<see cref="Node.Over"/>) before anything is checked. A preset may build on another; its name must not be that of a kind.
/// </summary>
public static class Presets
{
    /// <summary>Adds presets from YAML that is not embedded. A name that is taken is an <see cref="InputException"/>, and nothing is added.</summary>
    public static void Add(string yaml, string name) => Catalogue.AddPresets(yaml, name);

    /// <summary>The node with every preset in its <c>kind</c> replaced; null after a reported problem.</summary>
    internal static Node? Resolve(Type type, Node node, ReadContext context)
    {
        var state = Catalogue.State;
        try
        {
            return state.PresetOf(type, KindOf(node)) is { } preset ? Lay(node, preset, state.Presets) : node;
        }
        catch (InputException e)
        {
            foreach (var problem in e.Problems) context.Report(node, problem.What, problem.Mend);
            return null;
        }
    }

    /// <summary>The preset's members down to a kind, the presets that it builds on below it.</summary>
    internal static MapNode Flatten(Preset preset, IReadOnlyList<Preset> presets) => Flatten(preset, presets, []);

    private static MapNode Flatten(Preset preset, IReadOnlyList<Preset> presets, HashSet<string> below)
    {
        if (!below.Add(preset.Name)) throw new InputException(preset.Node.At.ToString(), $"the preset '{preset.Name}' builds on itself", "break the circle");
        var node = preset.Node as MapNode ?? (preset.Node is ScalarNode word ? MapNode.OfKind(word)
            : throw new InputException(preset.Node.At.ToString(), $"the preset '{preset.Name}' is a list", "write a map with a kind"));
        return presets.FirstOrDefault(other => other.Name == node.Kind && other.Base.IsAssignableTo(preset.Base)) is { } ground ? (MapNode)node.Without("kind").Over(Flatten(ground, presets, below)) : node;
    }

    private static Node Lay(Node node, Preset preset, IReadOnlyList<Preset> presets)
    {
        var ground = Flatten(preset, presets);
        return node is MapNode map ? map.Without("kind").Over(ground) : new MapNode(node.At, ground.Members);
    }

    private static string? KindOf(Node node) => node switch { ScalarNode { IsNull: false } word => word.Text, MapNode map => map.Kind, _ => null };
}
