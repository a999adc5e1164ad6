using System.Buffers;
using System.Text.Unicode;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>Passes bytes on only as whole, valid UTF-8 characters; the first byte that is none ends in an <see cref="InputException"/> with its offset.</summary>
internal sealed class Utf8Stream(Stream inner, string name) : Stream
{
    private readonly byte[] buffer = new byte[1 << 16];
    private readonly char[] scratch = new char[1 << 16];
    private int given, valid, filled; // buffer: [given, valid) may be passed on, [valid, filled) is a character begun
    private long offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => offset + given; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> into)
    {
        if (given == valid) Fill();
        var count = Math.Min(into.Length, valid - given);
        buffer.AsSpan(given, count).CopyTo(into);
        given += count;
        return count;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Fill()
    {
        buffer.AsSpan(valid, filled - valid).CopyTo(buffer);
        (offset, filled, given, valid) = (offset + valid, filled - valid, 0, 0);
        int read;
        do
        {
            read = inner.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            var status = Utf8.ToUtf16(buffer.AsSpan(0, filled), scratch, out valid, out _, replaceInvalidSequences: false, isFinalBlock: read == 0);
            if (status is OperationStatus.InvalidData) throw new InputException(name, $"is not UTF-8 at byte {offset + valid}", "save the file as UTF-8");
        }
        while (valid == 0 && read > 0);
    }
}
