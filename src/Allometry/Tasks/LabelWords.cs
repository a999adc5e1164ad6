using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Allometry.Kinds;

namespace Allometry.Tasks;

/// <summary>
/// Classes in order: what the table holds, and the word a model writes for it. In YAML a list <c>[negative, positive]</c> where both are the same, or a map
/// <c>{ 0: negative, 1: positive }</c>. Two values may share a word: they are one class.
/// </summary>
public sealed class LabelWords : IReadable<LabelWords>, IWritable
{
    private readonly FrozenDictionary<string, string> words;

    /// <summary>At least two classes and no value twice, else an <see cref="ArgumentException"/>.</summary>
    public LabelWords(IReadOnlyList<(string Value, string Word)> pairs)
    {
        var twice = pairs.GroupBy(pair => pair.Value, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        Pairs = twice is not null ? throw new ArgumentException($"The label '{twice.Key}' is listed twice.")
            : pairs.Count < 2 ? throw new ArgumentException("A classification needs two labels at least.")
            : pairs.Select(pair => pair.Word).Distinct(StringComparer.Ordinal).Count() < 2 ? throw new ArgumentException($"All labels have the word '{pairs[0].Word}', which makes one class of them.")
            : pairs;
        words = pairs.ToFrozenDictionary(pair => pair.Value, pair => pair.Word, StringComparer.Ordinal);
    }

    public IReadOnlyList<(string Value, string Word)> Pairs { get; }

    public static LabelWords Of(params string[] words) => new([.. words.Select(word => (word, word))]);

    public string? Find(string value) => words.GetValueOrDefault(value);

    static LabelWords? IReadable<LabelWords>.FromNode(Node node, ReadContext context)
    {
        IEnumerable<MapMember> members = node switch
        {
            MapNode map => map.Members,
            ListNode list => list.Items.SelectMany(item => item is MapNode one ? one.Members : [new MapMember((item as ScalarNode)?.Text ?? "", item.At, item)]),
            _ => [],
        };
        var pairs = members.Select(member => (Value: member.Name, Word: context.Read<string>(member.Value, $"the word of '{member.Name}'"))).ToList();
        if (pairs.Count == 0)
        {
            context.Report(node, "labels name no class", "write a list [negative, positive] or a map { 0: negative, 1: positive }");
        }

        return pairs.Count == 0 || pairs.Any(pair => pair.Word is null) ? null : new LabelWords([.. pairs.Select(pair => (pair.Value, pair.Word!))]);
    }

    // A list also where a word differs from its value: JSON maps are sorted, and the order of classes counts.
    JsonNode? IWritable.ToNode() =>
        new JsonArray([.. Pairs.Select(pair => pair.Value == pair.Word ? (JsonNode)pair.Word : new JsonObject { [pair.Value] = pair.Word })]);
}
