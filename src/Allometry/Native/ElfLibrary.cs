using System.Buffers.Binary;
using System.Text;

namespace Allometry.Native;

/// <summary>
/// The smallest shared library for x86-64 Linux: one exported function without arguments that returns a constant int. Made here byte by byte (System V ABI, ELF-64),
/// so that nothing has to be compiled or shipped.
/// </summary>
public static class ElfLibrary
{
    private const int Page = 0x1000, Headers = 64, HeaderSize = 56, Symbols = 0x200, Strings = 0x240, Hash = 0x300, Code = 0x400, DynamicSize = 6 * 16;
    private const int Load = 1, Dynamic = 2, Stack = 0x6474e551, Read = 4, Write = 2, Execute = 1;

    /// <summary>The file's bytes; a name longer than 180 characters does not fit.</summary>
    public static byte[] Returning(string function, int value)
    {
        var image = new byte[Page + DynamicSize];
        var names = Encoding.ASCII.GetBytes($"\0{function}\0");
        WriteHeader(image);
        WriteSegments(image);
        // The second symbol (the first is empty by definition): a global function of section 1, 6 bytes long.
        Put(image, Symbols + 24, 1);
        (image[Symbols + 28], image[Symbols + 30]) = (0x12, 1);
        PutLong(image, Symbols + 32, Code);
        PutLong(image, Symbols + 40, 6);
        names.CopyTo(image, Strings);
        uint[] chain = [1, 2, 1, 0, 0];                                                                     // one bucket: symbol 1, the end of its chain
        foreach (var (i, word) in chain.Index())
            Put(image, Hash + 4 * i, word);
        image[Code] = 0xb8;                                                                                 // mov eax, value
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(Code + 1), value);
        image[Code + 5] = 0xc3;                                                                             // ret
        (ulong, ulong)[] tags = [(4, Hash), (5, Strings), (6, Symbols), (10, (ulong)names.Length), (11, 24), (0, 0)];   // DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, end
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
