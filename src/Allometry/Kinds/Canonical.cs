using System.Collections;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Allometry.Kinds;

/// <summary>
/// The one JSON text of a value, from which its identity is hashed: <c>kind</c> first, then the members in ordinal order; members equal to their declared
/// default left out; numbers in their shortest form that reads back to the same bits; no spaces. A released default therefore never changes.
/// It is also valid YAML that <see cref="Reader"/> reads back to the same value.
/// </summary>
public static class Canonical
{
    private const int HashCharacters = 16;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>System.Text.Json in the same style, for results and documents that YAML cannot name: kebab-case, strict; what YAML can name is canonical.</summary>
    public static JsonSerializerOptions Options { get; } = MakeOptions();

    public static string Json(object? value) => Text(Node(value, full: false));

    /// <summary>First 16 lower-case hexadecimal characters of the SHA-256 of the canonical JSON.</summary>
    public static string Hash(object value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json(value))))[..HashCharacters];

    /// <summary>Reads canonical, or any, JSON by the rules of <see cref="Reader"/>.</summary>
    public static T Parse<T>(string json) => Parse<T>(json, Schema.Words(typeof(T)));

    /// <summary>Reads JSON; <paramref name="name"/> says in problems where it comes from.</summary>
    public static T Parse<T>(string json, string name) => (T)Reader.Read(typeof(T), JsonText.Parse(json, name));

    /// <summary>The canonical JSON, as a node.</summary>
    public static JsonNode? Node(object? value) => Node(value, full: false);

    /// <summary>As the canonical JSON, but with no member left out.</summary>
    internal static JsonNode? Full(object? value) => Node(value, full: true);

    /// <summary>A default for people: its canonical JSON, text without quotes.</summary>
    internal static string Words(object? value) => value is string text ? text : Text(Node(value, full: false));

    private static string Text(JsonNode? node) => node is null ? "null" : node.ToJsonString(Compact);

    private static JsonNode? Node(object? value, bool full) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        double or float when !double.IsFinite(Convert.ToDouble(value, null)) => throw new ArgumentException("JSON has no form for an infinite number or NaN."),
        Enum word => JsonValue.Create(Schema.Kebab(word.ToString())),
        TimeSpan duration => JsonValue.Create(Quantity.Text(duration)),
        _ when ScalarText.Reads(value.GetType()) => JsonSerializer.SerializeToNode(value, value.GetType()),
        JsonNode json => Sorted(json),
        IWritable own => Sorted(own.ToNode()),
        IDictionary map => new JsonObject(Ordered(map.Keys.Cast<string>().Select(key => KeyValuePair.Create(key, Node(map[key], full))))),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Node(item, full))]),
        _ => Record(value, full),
    };

    private static JsonObject Record(object value, bool full)
    {
        var type = value.GetType();
        var members = new JsonObject();
        var schema = Schema.Of(type);
        if (schema.IsKind) members.Add("kind", schema.Name);
        var given = schema.Members.Select(member => (Member: member, Node: Node(member.Get(value), full)))
            .Where(pair => full || !IsDefault(pair.Member, pair.Node))
            .Select(pair => KeyValuePair.Create(pair.Member.Name, pair.Node));
        foreach (var (name, node) in Ordered(given)) members.Add(name, node);
        return members;
    }

    private static bool IsDefault(SchemaMember member, JsonNode? node) => member.HasDefault && Text(node) == member.DefaultText;

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(Ordered(map.Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value))))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Ordered(IEnumerable<KeyValuePair<string, JsonNode?>> members) =>
        members.OrderByDescending(member => member.Key == "kind").ThenBy(member => member.Key, StringComparer.Ordinal);

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Strict)
        {
            PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        options.Converters.Add(new KindConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
