using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>
/// The safetensors format (huggingface/safetensors, README "Format"): eight bytes with the header's length, a JSON header, the tensors.
/// Written as the reference implementation writes it: wider element types first, then by name, so that every tensor is aligned; equal tensors give equal bytes.
/// </summary>
public static class Safetensors
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Replaces the file as a whole, or leaves it as it was.</summary>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, tensors.Select(tensor => SafetensorsContent.Of(tensor.Name, tensor.Value)), metadata);

    /// <summary>The same of tensors that are not in memory.</summary>
    internal static void Write(string path, IEnumerable<SafetensorsContent> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(tensor => SafetensorsType.Of(tensor.Type).Bytes).ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Header(ordered, metadata));
            foreach (var tensor in ordered) tensor.Write(stream);
        });
    }

    /// <summary>All tensors by name; the caller disposes them.</summary>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Entries.Keys.ToDictionary(name => name, file.Read, StringComparer.Ordinal);
    }

    private static byte[] Header(List<SafetensorsContent> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = new JsonObject();
        if (metadata is { Count: > 0 })
            header["__metadata__"] = new JsonObject(metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            var end = offset + tensor.Bytes;
            header.Add(tensor.Name, new JsonObject { ["dtype"] = SafetensorsType.Of(tensor.Type).Name, ["shape"] = Numbers(tensor.Shape), ["data_offsets"] = Numbers([offset, end]) });
            offset = end;
        }
        return Framed(JsonSerializer.SerializeToUtf8Bytes(header, Compact));
    }

    private static byte[] Framed(byte[] json)
    {
        var padded = (json.Length + 7) / 8 * 8;
        var framed = new byte[8 + padded];
        framed.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(framed, padded);
        json.CopyTo(framed, 8);
        return framed;
    }

    private static JsonArray Numbers(IEnumerable<long> values) => new([.. values.Select(value => (JsonNode)value)]);
}
