using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Allometry.Text;

/// <summary>Encodes documents on all processors and writes their tokens in the documents' order.</summary>
internal static class TokenFileWriter
{
    private const int DocumentsAtOnce = 1024, CharactersAtOnce = 1 << 21;

    public static void Write(Stream stream, IEnumerable<string> documents, Tokenizer tokenizer, byte[] identity, CancellationToken cancellation)
    {
        var header = new TokenFileHeader(tokenizer.Size <= 1 << 16 ? sizeof(ushort) : sizeof(int), 0, 0, 0, identity);
        header.Write(stream); // its place; what it says is known at the end
        var hash = new XxHash3();
        foreach (var batch in Batches(documents))
        {
            foreach (var ids in batch.AsParallel().AsOrdered().WithCancellation(cancellation).Select(tokenizer.EncodePlain).ToArray())
            {
                var bytes = Bytes(ids, header.Width);
                hash.Append(bytes);
                stream.Write(bytes);
                header = header with { Tokens = header.Tokens + ids.Length, Documents = header.Documents + 1 };
            }
        }

        stream.Position = 0;
        (header with { Checksum = hash.GetCurrentHashAsUInt64() }).Write(stream);
    }

    private static ReadOnlySpan<byte> Bytes(int[] ids, int width) =>
        width == sizeof(int) ? MemoryMarshal.AsBytes(ids.AsSpan()) : MemoryMarshal.AsBytes(Array.ConvertAll(ids, id => (ushort)id).AsSpan());

    private static IEnumerable<List<string>> Batches(IEnumerable<string> documents)
    {
        var (batch, characters) = (new List<string>(), 0L);
        foreach (var document in documents)
        {
            batch.Add(document);
            characters += document.Length;
            if (batch.Count < DocumentsAtOnce && characters < CharactersAtOnce) continue;
            yield return batch;
            (batch, characters) = ([], 0);
        }

        if (batch.Count > 0) yield return batch;
    }
}
