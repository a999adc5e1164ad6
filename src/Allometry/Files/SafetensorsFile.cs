using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Files;

/// <summary>
/// An open safetensors file whose header has been checked, memory-mapped: a tensor's bytes are where the file's are, and go straight from there into its memory.
/// A file that is not one is an <see cref="InputException"/> with everything that is wrong with it.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LargestHeader = 100_000_000;      // the reference implementation's own limit
    private const int Chunk = 1 << 26;

    private readonly FileStream stream;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* bytes;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(string path, FileStream stream)
    {
        (Path, this.stream) = (path, stream);
        var header = ReadHeader(out var dataOffset);
        var read = SafetensorsHeader.Parse(path, header, dataOffset, stream.Length);
        Metadata = read.Metadata;
        entries = read.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref bytes);
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    public static SafetensorsFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return new SafetensorsFile(path, stream);
        }
        catch (Exception e)
        {
            stream?.Dispose();
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

    public void Dispose()
    {
        if (view.SafeMemoryMappedViewHandle.IsClosed) return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        stream.Dispose();
    }

    /// <summary>A tensor's bytes in order, in stretches of whole elements as long as they are mapped.</summary>
    internal void Visit(SafetensorsEntry entry, Action<ReadOnlySpan<byte>> visit)
    {
        for (var first = 0L; first < entry.Bytes; first += Chunk) visit(Stretch(entry, first, (int)Math.Min(Chunk, entry.Bytes - first)));
    }

    /// <summary>Some of a tensor's bytes, valid until the file is closed.</summary>
    internal ReadOnlySpan<byte> Stretch(SafetensorsEntry entry, long first, int length)
    {
        ObjectDisposedException.ThrowIf(view.SafeMemoryMappedViewHandle.IsClosed, this);
        // Reading where a file no longer is would end the process.
        if (stream.Length < entry.Offset + entry.Bytes) throw new InputException(Path, "became shorter while it was read", "run again when nothing writes to it");
        return new(bytes + entry.Offset + first, length);
    }

    private byte[] ReadHeader(out long dataOffset)
    {
        Span<byte> prefix = stackalloc byte[8];
        var size = stream.Length >= 8 && stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) == 8 ? BinaryPrimitives.ReadInt64LittleEndian(prefix) : -1;
        dataOffset = 8 + size;
        if (size < 2 || size > LargestHeader || dataOffset > stream.Length) throw new InputException(Path, "is not a safetensors file, or is cut short", "give a whole safetensors file");
        var json = new byte[size];
        stream.ReadExactly(json);
        return json;
    }

    private void Fill(Tensor target, SafetensorsEntry entry)
    {
        var offset = 0L;
        TensorMemory.ForEach(target, memory =>
        {
            Stretch(entry, offset, memory.Length).CopyTo(memory);
            offset += memory.Length;
        });
    }
}
