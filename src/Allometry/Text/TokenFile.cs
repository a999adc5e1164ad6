using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Text;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// The tokens of a split, one document after the other, memory-mapped: 2 bytes a token where the vocabulary allows, else 4.
/// The file is kept under the hash of all that made it and is made again when it is not whole. Reading is safe for several threads.
/// </summary>
public sealed unsafe class TokenFile : IDisposable
{
    private static readonly ContentMemory<ulong> Checksums = new();

    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly TokenFileHeader header;
    private readonly byte* tokens;

    private TokenFile(MemoryMappedFile map, TokenFileHeader header, string source, Split split)
    {
        (this.map, this.header, Source, Split) = (map, header, source, split);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref tokens);
        tokens += TokenFileHeader.Size;
    }

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
        ObjectDisposedException.ThrowIf(view.SafeMemoryMappedViewHandle.IsClosed, this);
        if (header.Width == sizeof(int))
        {
            new ReadOnlySpan<int>(tokens + (offset * sizeof(int)), into.Length).CopyTo(into);
            return;
        }

        var narrow = new ReadOnlySpan<ushort>(tokens + (offset * sizeof(ushort)), into.Length);
        for (var i = 0; i < into.Length; i++) into[i] = narrow[i];
    }

    public void Dispose()
    {
        if (!view.SafeMemoryMappedViewHandle.IsClosed) view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
    }

    // Null where there is no such file or it is not whole.
    private static TokenFile? TryOpen(string path, ReadOnlySpan<byte> identity, Corpus corpus, Split split)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (TokenFileHeader.Read(stream) is not { } header || !header.Fits(stream.Length, identity) || header.Checksum != Checksums.Of([path], "", () => ChecksumOf(stream))) return null;
            var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            return new TokenFile(map, header, corpus.Name, split);
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
