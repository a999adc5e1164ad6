using System.Text.Json;
using System.Text.Json.Nodes;

namespace Allometry.Kinds;

/// <summary>JSON as nodes; a place is the path inside the document.</summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static Node Parse(string json, string name)
    {
        try
        {
            return Nodes(JsonNode.Parse(json, documentOptions: Strict), name);
        }
        catch (JsonException e)
        {
            throw new InputException($"{name}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}", "not valid JSON", e.Message);
        }
        catch (ArgumentException e)
        {
            throw new InputException(name, "not valid Unicode text", e.Message);
        }
    }

    public static Node Nodes(JsonNode? json, string at) => json switch
    {
        null => new ScalarNode(new Position(at), "null", Quoted: false),
        JsonObject map => new MapNode(new Position(at), [.. map.Select(member => Member(member.Key, member.Value, $"{at}.{member.Key}"))]),
        JsonArray list => new ListNode(new Position(at), [.. list.Select((item, i) => Nodes(item, $"{at}[{i}]"))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => new ScalarNode(new Position(at), value.GetValue<string>(), Quoted: true),
        _ => new ScalarNode(new Position(at), json.ToJsonString(), Quoted: false),
    };

    private static MapMember Member(string name, JsonNode? value, string at) => new(name, new Position(at), Nodes(value, at));
}
