using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace Allometry.Reports.Exports;

/// <summary>One event in a file: length, its checksum, the event, its checksum (tensorflow/core/lib/io/record_writer.h).</summary>
internal static class EventRecord
{
    /// <summary>Added to a rotated checksum, so that checksums of what holds checksums are no worse (tensorflow/core/lib/hash/crc32c.h).</summary>
    private const uint Mask = 0xa282ead8;

    public static void Write(Stream stream, Event what)
    {
        var data = what.ToByteArray();
        Span<byte> head = stackalloc byte[sizeof(ulong) + sizeof(uint)], foot = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(ulong)..], Masked(head[..sizeof(ulong)]));
        BinaryPrimitives.WriteUInt32LittleEndian(foot, Masked(data));
        stream.Write(head);
        stream.Write(data);
        stream.Write(foot);
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var part in data) crc = BitOperations.Crc32C(crc, part);
        return BitOperations.RotateRight(~crc, 15) + Mask;
    }
}
