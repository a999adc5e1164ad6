using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>The element types of the format that are read and written, with their names there and their bytes.</summary>
internal sealed record SafetensorsType(string Name, ScalarType Type, int Bytes)
{
    private static readonly SafetensorsType[] All =
    [
        new("F64", ScalarType.Float64, 8), new("F32", ScalarType.Float32, 4), new("F16", ScalarType.Float16, 2), new("BF16", ScalarType.BFloat16, 2),
        new("I64", ScalarType.Int64, 8), new("I32", ScalarType.Int32, 4), new("I16", ScalarType.Int16, 2), new("I8", ScalarType.Int8, 1),
        new("U8", ScalarType.Byte, 1), new("BOOL", ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", All.Select(type => type.Name));

    public static SafetensorsType? Named(string? name) => Array.Find(All, type => type.Name == name);

    public static SafetensorsType Of(ScalarType type) =>
        Array.Find(All, known => known.Type == type) ?? throw new ArgumentException($"safetensors files cannot hold elements of type {type}.", nameof(type));
}
