using System.Runtime.InteropServices;

namespace Allometry.Text;

/// <summary>The first 64 bytes of a token file, little-endian.</summary>
internal sealed record TokenFileHeader(int Width, long Tokens, long Documents, ulong Checksum, byte[] Identity)
{
    public const int Size = 64;

    private static ReadOnlySpan<byte> Magic => "ALTOKEN1"u8;

    public bool Fits(long fileLength, ReadOnlySpan<byte> identity) =>
        Width is sizeof(ushort) or sizeof(int) && Tokens >= 0 && fileLength == Size + (Tokens * Width) && identity.SequenceEqual(Identity);

    public void Write(Stream stream)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        MemoryMarshal.Write(bytes[8..], Width);
        MemoryMarshal.Write(bytes[16..], Tokens);
        MemoryMarshal.Write(bytes[24..], Documents);
        MemoryMarshal.Write(bytes[32..], Checksum);
        Identity.CopyTo(bytes[40..]);
        stream.Write(bytes);
    }

    /// <summary>Null where the stream does not begin with a header.</summary>
    public static TokenFileHeader? Read(Stream stream)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (stream.ReadAtLeast(bytes, Size, throwOnEndOfStream: false) < Size || !bytes.StartsWith(Magic)) return null;
        return new TokenFileHeader(MemoryMarshal.Read<int>(bytes[8..]), MemoryMarshal.Read<long>(bytes[16..]), MemoryMarshal.Read<long>(bytes[24..]), MemoryMarshal.Read<ulong>(bytes[32..]), bytes[40..56].ToArray());
    }
}
