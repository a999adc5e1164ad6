using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>A tensor to be written: what the header says of it, and what puts its bytes, as many as that needs, into the file.</summary>
internal sealed record SafetensorsContent(string Name, ScalarType Type, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    public long Bytes => SafetensorsType.Of(Type).Bytes * Shape.Aggregate(1L, (product, size) => product * size);

    public static SafetensorsContent Of(string name, Tensor value) => new(name, value.dtype, value.shape, stream =>
    {
        using var scope = NewDisposeScope();
        TensorMemory.ForEach(value.detach().cpu().contiguous(), memory => stream.Write(memory));
    });

    /// <summary>A tensor of an open file as it is, under this or another name.</summary>
    public static SafetensorsContent Of(string name, SafetensorsFile file, SafetensorsEntry entry) =>
        new(name, entry.Type, entry.Shape, stream => file.Visit(entry, stream.Write));
}
