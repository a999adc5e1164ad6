using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Allometry.Files;
using Allometry.Kinds;
using Microsoft.Win32.SafeHandles;

namespace Allometry.Text;

/// <summary>
/// The tokens of a split, one document after the other: 2 bytes a token where the vocabulary allows, else 4. They are read from the file where they are wanted, and not mapped: a mapping's pages
/// would count as memory of the process, which would then grow with the corpus.
/// The file is kept under the hash of all that made it and is made again when it is not whole. Reading is safe for several threads.
/// </summary>
public sealed class TokenFile : IDisposable
{
    private static readonly ContentMemory<ulong> Checksums = new();

    private readonly SafeFileHandle file;
    private readonly TokenFileHeader header;

    private TokenFile(SafeFileHandle file, TokenFileHeader header, string source, Split split) => (this.file, this.header, Source, Split) = (file, header, source, split);

    /// <summary>Tokens in all.</summary>
    public long Count => header.Tokens;

    public long Documents => header.Documents;

    /// <summary>The corpus, for messages.</summary>
    public string Source { get; }

    public Split Split { get; }

    /// <summary>
    /// Opens the tokens of a split, making them first where they are not cached: documents are encoded in parallel, their order and so the bytes do not
    /// depend on the number of threads. Progress is the share of the corpus read. Two processes may do so at once: the file appears whole.
    /// </summary>
    public static TokenFile Obtain(Corpus corpus, Tokenizer tokenizer, Split split, string cacheFolder, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var identity = XxHash128.Hash(Encoding.UTF8.GetBytes($"tokens 2 {tokenizer.Identity} {corpus.Fingerprint()} {split}"));
        var path = Path.Combine(cacheFolder, $"{Convert.ToHexStringLower(identity)}.tokens");
        if (TryOpen(path, identity, corpus, split) is { } cached) return cached;
        AtomicFile.Write(path, stream => TokenFileWriter.Write(stream, corpus.Documents(split, progress), tokenizer, identity, cancellation));
        return TryOpen(path, identity, corpus, split)
            ?? throw new RunFailedException(path, "does not read back as it was written", "check the disk that holds the cache");
    }

    /// <summary>Copies tokens from <paramref name="offset"/> on.</summary>
    public void Read(long offset, Span<int> into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Count - into.Length);
        ObjectDisposedException.ThrowIf(file.IsClosed, this);
        if (header.Width == sizeof(int)) Fill(MemoryMarshal.AsBytes(into), offset);
        else ReadNarrow(offset, into);
    }

    public void Dispose() => file.Dispose();

    private void ReadNarrow(long offset, Span<int> into)
    {
        // Into the second half, so that none is overwritten before it is widened.
        var narrow = MemoryMarshal.Cast<int, ushort>(into)[into.Length..];
        Fill(MemoryMarshal.AsBytes(narrow), offset);
        for (var i = 0; i < into.Length; i++) into[i] = narrow[i];
    }

    private void Fill(Span<byte> bytes, long token)
    {
        var at = TokenFileHeader.Size + (token * header.Width);
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(file, bytes, at);
            if (read == 0) throw new RunFailedException(Source, "its token file has become shorter", "run the same command again: the file is made anew");
            at += read;
            bytes = bytes[read..];
        }
    }

    // Null where there is no such file or it is not whole.
    private static TokenFile? TryOpen(string path, ReadOnlySpan<byte> identity, Corpus corpus, Split split)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (TokenFileHeader.Read(stream) is not { } header || !header.Fits(stream.Length, identity) || header.Checksum != Checksums.Of([path], "", () => ChecksumOf(stream))) return null;
            return new TokenFile(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), header, corpus.Name, split);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ulong ChecksumOf(Stream stream)
    {
        var hash = new XxHash3();
        hash.Append(stream);
        return hash.GetCurrentHashAsUInt64();
    }
}
