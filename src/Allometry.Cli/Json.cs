using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Allometry.Cli;

/// <summary>One document on standard output.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>A document that <see cref="Print"/> wrote.</summary>
    public static T Parse<T>(string document) => JsonSerializer.Deserialize<T>(document, Options)!;

    public static int Print(object document)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(document, Options));
        return CommandLine.Success;
    }
}
