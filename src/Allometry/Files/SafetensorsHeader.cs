using System.Text.Json;
using Allometry.Kinds;

namespace Allometry.Files;

/// <summary>
/// The JSON in front of a safetensors file. Nothing in it is trusted: every tensor must lie within the file, have as many bytes as its type and shape need,
/// and together they must cover the rest of the file exactly once.
/// </summary>
internal sealed class SafetensorsHeader
{
    private readonly string path;
    private readonly List<Problem> problems = [];

    private SafetensorsHeader(string path) => this.path = path;

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>Reads the header; <paramref name="dataOffset"/> is where the tensors begin and <paramref name="length"/> where the file ends.</summary>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long dataOffset, long length)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            header.ReadMembers(document.RootElement, dataOffset);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            header.Wrong($"its header is not the JSON of a safetensors file ({e.Message})");
        }
        if (header.problems.Count == 0) header.CheckCover(dataOffset, length);
        return header.problems.Count == 0 ? header : throw new InputException(header.problems);
    }

    private void ReadMembers(JsonElement root, long dataOffset)
    {
        foreach (var member in root.EnumerateObject())
        {
            if (member.NameEquals("__metadata__")) ReadMetadata(member.Value);
            else ReadTensor(member.Name, member.Value, dataOffset);
        }
    }

    private void ReadMetadata(JsonElement metadata)
    {
        foreach (var member in metadata.EnumerateObject()) Metadata[member.Name] = member.Value.GetString() ?? "";
    }

    private void ReadTensor(string name, JsonElement value, long dataOffset)
    {
        var type = SafetensorsType.Named(value.TryGetProperty("dtype", out var dtype) ? dtype.GetString() : null);
        if (type is null) Wrong($"tensor '{name}' has a type other than {SafetensorsType.Names}");
        else if (Numbers(value, "shape") is not { } shape || Numbers(value, "data_offsets") is not [var begin, var end]) Wrong($"tensor '{name}' has no valid shape and data_offsets");
        else if (BytesOf(type, shape) is not { } bytes || end < begin || bytes != end - begin) Wrong($"tensor '{name}' of type {type.Name} and shape [{string.Join(", ", shape)}] does not fit its {end - begin} bytes");
        else Entries.Add(new(name, type.Type, shape, dataOffset + begin, bytes));
    }

    private static long[]? Numbers(JsonElement value, string member)
    {
        if (!value.TryGetProperty(member, out var list)) return null;
        var numbers = list.EnumerateArray().Select(item => item.TryGetInt64(out var number) ? number : -1).ToArray();
        return Array.TrueForAll(numbers, number => number >= 0) ? numbers : null;
    }

    private static long? BytesOf(SafetensorsType type, long[] shape)
    {
        try
        {
            return shape.Aggregate((long)type.Bytes, (product, dimension) => checked(product * dimension));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private void CheckCover(long dataOffset, long length)
    {
        var next = dataOffset;
        foreach (var entry in Entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Bytes))
        {
            if (entry.Offset != next) Wrong($"tensor '{entry.Name}' {(entry.Offset < next ? "overlaps the one before it" : "leaves a hole before it")}");
            next = Math.Max(next, entry.Offset + entry.Bytes);
        }
        if (next > length) Wrong($"it is cut short: its tensors need {next - dataOffset} bytes but {length - dataOffset} are there");
        if (next < length) Wrong($"{length - next} bytes after its last tensor belong to none");
    }

    private void Wrong(string what) => problems.Add(new(path, what, "give a whole safetensors file, copied again from where it came"));
}
