using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Interchange;

/// <summary>JSON files of other people: nothing is known of them but that they hold a map.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(Reader.Text(path), documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new InputException(path, "holds no map of fields", "give the whole file, copied again from where it came");
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}", "is not JSON, or is cut short", "give the whole file, copied again from where it came");
        }
    }

    public static void Write(string path, JsonObject map) => AtomicFile.WriteText(path, map.ToJsonString(Indented) + "\n");
}
