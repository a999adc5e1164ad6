using System.Text.Json.Nodes;
using Allometry.Analysis;

namespace Allometry.Experiments;

/// <summary>
/// What tells runs of one stage, shape, task and starting point apart, in words: optimiser, objective, adaptation, whatever the recipe lets differ between them, or let before it was changed. It follows from what
/// the store keeps of runs. Where the recipe names its arm, that name is all. One that starts from another has that one's words before its own.
/// </summary>
public static class Arms
{
    private const string AsUsual = "as usual", Kind = "kind", Arm = "arm";

    /// <summary>The words of each run, by its identity; none where there is nothing to tell apart.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(IReadOnlyDictionary<string, RunRecord> runs)
    {
        Dictionary<string, IReadOnlyList<string>> words = [];
        IReadOnlyList<string> Start(RunRecord run) => StartOf(run) is { } start ? words.GetValueOrDefault(start, []) : [];
        foreach (var generation in runs.GroupBy(run => Generation(run.Value, runs)).OrderBy(generation => generation.Key))
            foreach (var alike in generation.GroupBy(run => (run.Value.Stage, run.Value.Shape, run.Value.From, run.Value.Task, string.Join('|', Start(run.Value)))))
                foreach (var (id, own) in OwnWords([.. alike])) words[id] = [.. Start(runs[id]), .. own];
        return words;
    }

    /// <summary>The run whose model a run goes on from: of several the last, the others stand beside it.</summary>
    private static string? StartOf(RunRecord run) => run.Run?["needs"] is JsonArray { Count: > 0 } needs ? needs[^1]!.GetValue<string>() : null;

    private static int Generation(RunRecord run, IReadOnlyDictionary<string, RunRecord> runs) => StartOf(run) is { } start && runs.TryGetValue(start, out var before) ? 1 + Generation(before, runs) : 0;

    private static IEnumerable<(string Id, IReadOnlyList<string> Words)> OwnWords(IReadOnlyList<KeyValuePair<string, RunRecord>> alike)
    {
        // Steps that several runs share, and those of other lengths, are meant to differ.
        var kinds = alike.Where(run => run.Value.Stage == StudyRun.Sweep || run.Value.Run?["stage"]?[Kind]?.GetValue<string>() == run.Value.Stage).Where(run => run.Value.Run is not null)
            .Select(run => (run.Key, Deciding: Deciding(run.Value), Name: NameOf(run.Value))).ToList();
        var variants = kinds.DistinctBy(run => TextOf(run.Deciding)).ToList();
        IEnumerable<IReadOnlyList<string>> words = variants.Count == 1 ? [[]] : Told([.. variants.Select(run => run.Deciding)]).Zip(variants, (told, variant) => variant.Name is { } name ? [name] : told);
        var byText = variants.Zip(words).ToDictionary(pair => TextOf(pair.First.Deciding), pair => pair.Second);
        return [.. alike.Select(run => (run.Key, kinds.Find(one => one.Key == run.Key) is { Deciding: { } deciding } ? byText[TextOf(deciding)] : []))];
    }

    private static string? NameOf(RunRecord run) => run.Run?["stage"]?[Arm]?.GetValue<string>();

    /// <summary>What decides a run, but for its seed, its names, and where files lie.</summary>
    private static JsonNode Deciding(RunRecord run)
    {
        var copy = run.Run!.DeepClone().AsObject();
        if (run.Stage == StudyRun.Sweep) (copy["stage"] as JsonObject)?.Remove("learning-rate"); // which is what it tries
        (copy["transferred"] as JsonObject)?.Remove("sweep");
        copy.Remove("needs");
        (copy["stage"] as JsonObject)?.Remove(Arm);
        (copy["shape"] as JsonObject)?.Remove("name");
        (copy["numbers"] as JsonObject)?.Remove("seed");
        return Bare(copy)!;
    }

    private static JsonNode? Bare(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(member => KeyValuePair.Create(member.Key, Bare(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Bare)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(text.Split('/', '\\')[^1]),
        _ => node?.DeepClone(),
    };

    /// <summary>The members in which variants differ, each variant's value; what it leaves out is the default and goes unsaid.</summary>
    private static IReadOnlyList<IReadOnlyList<string>> Told(IReadOnlyList<JsonNode> variants)
    {
        var differing = Differing("", [.. variants]).ToList();
        return [.. variants.Select((_, i) => (IReadOnlyList<string>)[string.Join(", ", differing.Where(member => member.Values[i] is not null).Select(member => $"{member.Name} {InWords(member.Values[i])}")) is { Length: > 0 } told ? told : AsUsual])];
    }

    private static IEnumerable<(string Name, IReadOnlyList<JsonNode?> Values)> Differing(string name, IReadOnlyList<JsonNode?> nodes)
    {
        if (nodes.Select(TextOf).Distinct().Count() == 1) return [];
        if (!nodes.All(node => node is JsonObject) || nodes.Select(node => TextOf(node![Kind])).Distinct().Count() > 1) return [(name, nodes)];
        return nodes.SelectMany(node => node!.AsObject().Select(member => member.Key)).Distinct().SelectMany(key => Differing(key, [.. nodes.Select(node => node![key])]));
    }

    private static string InWords(JsonNode? node) => node switch
    {
        JsonObject map => string.Join(' ', map.Select(member => member.Key == Kind ? InWords(member.Value) : $"{member.Key} {InWords(member.Value)}")),
        JsonArray list => string.Join(" + ", list.Select(InWords)),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => TextOf(node),
    };

    private static string TextOf(JsonNode? node) => node?.ToJsonString() ?? "null";
}
