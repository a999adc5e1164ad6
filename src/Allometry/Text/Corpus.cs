using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.IO.Hashing;
using System.Text;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// Documents to learn from, streamed: txt, jsonl, csv, tsv and parquet, WikiExtractor's output, each also inside gz, tar, tar.gz and zip.
/// Whether a document is held out depends on a hash of its text alone: adding files moves no document, and copies of one stay on one side.
/// </summary>
public sealed record Corpus(
    [DataFile][property: Description("Files, folders, and patterns (docs/**/*.jsonl.gz); relative paths start at the recipe's folder.")] IReadOnlyList<string> Files,
    [property: Description("Column or JSON member that holds the text; left out: 'text', or the only one there is.")] string? Field = null,
    [property: Description("Share of the documents kept for validation, and as many again for test.")][Range(0.0, 0.4)] double HeldOut = 0.01,
    [property: Description("Reads no more documents than this.")][Range(1L, long.MaxValue)] long? MaxDocuments = null,
    [property: Description("What one document of a plain text file is: paragraph (between blank lines), line, or file.")] TextUnit Unit = TextUnit.Paragraph) : IReadable<Corpus>
{
    private static readonly ContentMemory<string> Fingerprints = new();

    static Corpus? IReadable<Corpus>.FromNode(Node node, ReadContext context) => context.ReadMembers<Corpus>(node.AsLists("files"));

    /// <summary>
    /// The documents of a split, in the order of the files. A missing or damaged file, a missing field, text that is not UTF-8, or no text at all
    /// is an <see cref="InputException"/>. Progress is the share of the files' bytes read.
    /// </summary>
    public IEnumerable<string> Documents(Split split, IProgress<double>? progress = null) =>
        Documents(progress).Where(document => SplitOf(document) == split);

    /// <summary>All documents, whatever their split.</summary>
    public IEnumerable<string> Documents(IProgress<double>? progress = null)
    {
        var read = 0L;
        foreach (var document in CorpusFiles.Documents(this, progress).Where(document => !string.IsNullOrWhiteSpace(document)))
        {
            if (read == MaxDocuments) yield break;
            read++;
            yield return document;
        }

        if (read == 0) throw new InputException(Name, "holds no text", "check the files and the field");
    }

    /// <summary>Where a document belongs: the hash of its UTF-8 text, as a fraction, is below held-out (validation), below twice that (test), or above (train).</summary>
    public Split SplitOf(string document)
    {
        var place = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(document)) / 18446744073709551616.0; // [0, 1)
        return place < HeldOut ? Split.Validation : place < 2 * HeldOut ? Split.Test : Split.Train;
    }

    /// <summary>A hash of all that decides which documents there are: the settings and every byte of the files, but not where they lie.</summary>
    public string Fingerprint()
    {
        var (settings, files) = (Canonical.Json(this with { Files = [] }), CorpusFiles.Expand(Files));
        return Fingerprints.Of(files, settings, () => Hash(settings, files));
    }

    private static string Hash(string settings, IEnumerable<string> files)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(settings));
        foreach (var file in files) CorpusFiles.Append(hash, file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>The corpus in a message.</summary>
    public string Name => Files.Count == 1 ? Files[0] : $"{Files.FirstOrDefault()} and {Files.Count - 1} more";
}
