using TorchSharp;

namespace Allometry.Files;

/// <summary>One tensor of a safetensors file; <paramref name="Offset"/> counts bytes from the beginning of the file.</summary>
public sealed record SafetensorsEntry(string Name, torch.ScalarType Type, IReadOnlyList<long> Shape, long Offset, long Bytes);
