using System.Formats.Tar;
using ICSharpCode.SharpZipLib.GZip;
using ICSharpCode.SharpZipLib.Zip;

namespace Allometry.Text;

/// <summary>The texts inside gz, tar, tar.gz (tgz) and zip, one inside the other too, streamed in the archive's order.</summary>
internal static class Archive
{
    public static bool IsOne(string name) => Form(name) is ".tar" or ".tgz" or ".zip" || (Form(name) == ".gz" && (TextFormat.Reads(name) || IsOne(name[..^3])));

    /// <summary>The entries that can be read as text; a file that is no archive is its own entry. An entry's content lives until the next is asked for.</summary>
    public static IEnumerable<(string Name, Stream Content)> Open(string name, Stream stream) => Form(name) switch
    {
        ".tar" => Tar(name, stream),
        ".tgz" => Tar(name, Inflate(stream)),
        ".gz" when Form(name[..^3]) == ".tar" => Tar(name, Inflate(stream)),
        ".gz" => [(name, Inflate(stream))],
        ".zip" => Zip(name, stream),
        _ => [(name, stream)],
    };

    private static string Form(string name) => Path.GetExtension(name).ToLowerInvariant();

    // Not .NET's own: GZipStream takes a file that was cut short for a whole one, and ZipArchive does not look at the checksums.
    private static GZipInputStream Inflate(Stream stream) => new(stream) { IsStreamOwner = false };

    private static IEnumerable<(string Name, Stream Content)> Tar(string name, Stream stream)
    {
        using var tar = new TarReader(stream, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !IsText(entry.Name)) continue;
            foreach (var inner in Open($"{name}/{entry.Name}", entry.DataStream)) yield return inner;
        }

        stream.CopyTo(Stream.Null); // to the checksum behind the last entry
    }

    private static IEnumerable<(string Name, Stream Content)> Zip(string name, Stream stream)
    {
        if (stream.CanSeek) using (new ZipFile(stream, leaveOpen: true)) stream.Position = 0; // fails where the end of the file is missing
        using var zip = new ZipInputStream(stream) { IsStreamOwner = false };
        while (zip.GetNextEntry() is { } entry)
        {
            if (!entry.IsFile || !IsText(entry.Name)) continue;
            foreach (var inner in Open($"{name}/{entry.Name}", zip)) yield return inner;
        }
    }

    private static bool IsText(string entry) =>
        !entry.StartsWith("__MACOSX/", StringComparison.Ordinal) && !Path.GetFileName(entry).StartsWith('.') && (TextFormat.Reads(entry) || IsOne(entry));
}
