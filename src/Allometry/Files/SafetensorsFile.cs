using System.Buffers.Binary;
using Allometry.Kinds;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>
/// An open safetensors file whose header has been checked: tensors are read when asked for, from the disk straight into their memory.
/// A file that is not one is an <see cref="InputException"/> with everything that is wrong with it.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int LargestHeader = 100_000_000;      // the reference implementation's own limit

    private readonly SafeFileHandle handle;
    private readonly string path;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        (this.path, this.handle) = (path, handle);
        var length = RandomAccess.GetLength(handle);
        var header = SafetensorsHeader.Parse(path, ReadHeader(length, out var dataOffset), dataOffset, length);
        Metadata = header.Metadata;
        entries = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            return new SafetensorsFile(path, handle);
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is IOException or UnauthorizedAccessException) throw new InputException(path, $"cannot be read: {e.Message}", "give the path of a safetensors file");
            throw;
        }
    }

    /// <summary>A new tensor with the named one's type, shape and values.</summary>
    public Tensor Read(string name)
    {
        var tensor = empty([.. entries[name].Shape], entries[name].Type);
        Fill(tensor, entries[name]);
        return tensor;
    }

    /// <summary>Overwrites a contiguous tensor of the named one's type and shape.</summary>
    public void ReadInto(string name, Tensor target)
    {
        var entry = entries[name];
        if (target.dtype != entry.Type || !target.shape.SequenceEqual(entry.Shape) || !target.is_contiguous())
            throw new ArgumentException($"Tensor '{name}' is read into one of another type, shape or layout.", nameof(target));
        if (target.device_type == TorchSharp.DeviceType.CPU) Fill(target, entry);
        else using (var read = Read(name)) using (no_grad()) target.copy_(read);
    }

    public void Dispose() => handle.Dispose();

    private byte[] ReadHeader(long length, out long dataOffset)
    {
        Span<byte> prefix = stackalloc byte[8];
        var size = RandomAccess.Read(handle, prefix, 0) == 8 ? BinaryPrimitives.ReadInt64LittleEndian(prefix) : -1;
        dataOffset = 8 + size;
        if (size < 2 || size > LargestHeader || dataOffset > length) throw new InputException(path, "is not a safetensors file, or is cut short", "give a whole safetensors file");
        var json = new byte[size];
        ReadExactly(json, 8);
        return json;
    }

    private void Fill(Tensor target, SafetensorsEntry entry)
    {
        var offset = entry.Offset;
        TensorMemory.ForEach(target, memory =>
        {
            ReadExactly(memory, offset);
            offset += memory.Length;
        });
    }

    private void ReadExactly(Span<byte> into, long offset)
    {
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(handle, into, offset);
            if (read == 0) throw new InputException(path, "became shorter while it was read", "run again when nothing writes to it");
            into = into[read..];
            offset += read;
        }
    }
}
