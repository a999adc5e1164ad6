using System.Buffers.Binary;
using System.Text;

namespace Allometry.Native;

/// <summary>
/// The smallest shared library for x86-64 Linux: one exported function that returns a constant int or is another one. Made here byte by byte (System V ABI, ELF-64),
/// so that nothing has to be compiled or shipped.
/// </summary>
public static class ElfLibrary
{
    private const int Page = 0x1000, Headers = 64, HeaderSize = 56, Symbols = 0x200, Strings = 0x240, Hash = 0x300, Code = 0x400, DynamicSize = 7 * 16;
    private const int Load = 1, Dynamic = 2, Stack = 0x6474e551, Read = 4, Write = 2, Execute = 1;

    /// <summary>The file's bytes, where the function takes no arguments; names longer than 180 characters together do not fit.</summary>
    public static byte[] Returning(string function, int value)
    {
        byte[] code = [0xb8, 0, 0, 0, 0, 0xc3];                                                             // mov eax, value; ret
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(1), value);
        return Of(function, code, needed: null);
    }

    /// <summary>The file's bytes, where the function is the one at an address of this process. The symbols of <paramref name="needed"/>, a library that is loaded, are found behind its own.</summary>
    public static byte[] Forwarding(string function, nint address, string needed)
    {
        byte[] code = [0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0];                                     // mov rax, address; jmp rax
        BinaryPrimitives.WriteInt64LittleEndian(code.AsSpan(2), address);
        return Of(function, code, needed);
    }

    private static byte[] Of(string function, byte[] code, string? needed)
    {
        var image = new byte[Page + DynamicSize];
        var names = Encoding.ASCII.GetBytes($"\0{function}\0{needed}\0");
        WriteHeader(image);
        WriteSegments(image);
        // The second symbol (the first is empty by definition): a global function of section 1.
        Put(image, Symbols + 24, 1);
        (image[Symbols + 28], image[Symbols + 30]) = (0x12, 1);
        PutLong(image, Symbols + 32, Code);
        PutLong(image, Symbols + 40, (ulong)code.Length);
        names.CopyTo(image, Strings);
        uint[] chain = [1, 2, 1, 0, 0];                                                                     // one bucket: symbol 1, the end of its chain
        foreach (var (i, word) in chain.Index())
            Put(image, Hash + 4 * i, word);
        code.CopyTo(image, Code);
        (ulong, ulong)[] tags =                                                                             // DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, end
            [.. needed is null ? [] : new[] { (1ul, (ulong)function.Length + 2) }, (4, Hash), (5, Strings), (6, Symbols), (10, (ulong)names.Length), (11, 24), (0, 0)];
        foreach (var (i, (tag, content)) in tags.Index())
        {
            PutLong(image, Page + 16 * i, tag);
            PutLong(image, Page + 16 * i + 8, content);
        }
        return image;
    }

    private static void WriteHeader(byte[] image)
    {
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(image);                                                        // 64 bits, little-endian, version 1
        (image[16], image[18], image[20], image[32]) = (3, 62, 1, Headers);                                 // shared object, x86-64
        (image[52], image[54], image[56], image[58]) = (64, HeaderSize, 4, 64);                             // four segments, no sections
    }

    private static void WriteSegments(byte[] image)
    {
        WriteSegment(image, 0, Load, Read | Execute, 0, Page, Page);
        WriteSegment(image, 1, Load, Read | Write, Page, DynamicSize, Page);
        WriteSegment(image, 2, Dynamic, Read | Write, Page, DynamicSize, 8);
        WriteSegment(image, 3, Stack, Read | Write, 0, 0, 16);                                              // left out it would ask for an executable stack
    }

    private static void WriteSegment(byte[] image, int index, uint type, uint access, ulong start, ulong size, ulong alignment)
    {
        var at = Headers + index * HeaderSize;
        Put(image, at, type);
        Put(image, at + 4, access);
        ulong[] places = [start, start, start, size, size, alignment];
        foreach (var (i, value) in places.Index())
            PutLong(image, at + 8 + 8 * i, value);
    }

    private static void Put(byte[] image, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);

    private static void PutLong(byte[] image, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(at), value);
}
