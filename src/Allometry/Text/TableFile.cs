using System.Text;
using System.Text.Unicode;
using Allometry.Kinds;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;

namespace Allometry.Text;

/// <summary>A table's file: plain, gzip, or a file inside an archive, named as if the archive were a folder (<c>samsum.zip/samsum/test.csv</c>).</summary>
public static class TableFile
{
    /// <summary>The file on the disk that holds a table: itself, or the archive around it; null where neither is there.</summary>
    public static string? OnDisk(string path) => File.Exists(path) ? path
        : Above(path).FirstOrDefault(archive => Archive.IsOne(archive) && File.Exists(archive));

    /// <summary>Rows as they are read. What the file itself can do wrong (missing, not UTF-8, cut short) is an <see cref="InputException"/>.</summary>
    internal static IEnumerable<Row> Rows(string path, Func<TextReader, IEnumerable<Row>> read)
    {
        var disk = OnDisk(path) ?? throw new InputException(path, "does not exist", "check the path; a relative one starts at the recipe's folder");
        using var file = File.OpenRead(disk);
        using var reader = new StreamReader(Content(path, disk, file), new UTF8Encoding(false, throwOnInvalidBytes: true));
        using var rows = Guarded(path, () => read(reader)).GetEnumerator();
        while (Guarded(path, rows.MoveNext)) yield return rows.Current;
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var folder = Path.GetDirectoryName(path); !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder)) yield return folder;
    }

    // Not .NET's own GZipStream: it takes a file that was cut short for a whole one.
    private static Stream Content(string path, string disk, FileStream file) =>
        disk == path ? path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipInputStream(file) : file
        : Guarded(path, () => Entry(path, disk, file));

    // Whole in memory: an entry's own stream ends with the walk through the archive.
    private static MemoryStream Entry(string path, string disk, FileStream file)
    {
        var others = new List<string>();
        foreach (var (name, content) in Archive.Open(disk, file))
        {
            if (name.Replace('\\', '/') == path.Replace('\\', '/'))
            {
                var entry = new MemoryStream();
                content.CopyTo(entry);
                entry.Position = 0;
                return entry;
            }

            others.Add(name[(disk.Length + 1)..]);
        }

        throw new InputException(path, "is not in the archive", Suggestion.For(path[(disk.Length + 1)..], others));
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException)
        {
            throw new InputException($"{path}:{InvalidLine(path)}", "is not UTF-8", "save the file as UTF-8");
        }
        catch (Exception e) when (e is SharpZipBaseException or EndOfStreamException or InvalidDataException)
        {
            throw new InputException(path, OnDisk(path) == path ? "is not a whole gzip file" : "is in an archive that is not whole", "get it again; it is damaged or was cut short");
        }
    }

    // A decoder does not say where it failed. Latin-1 gives every byte as one character, so that lines can be tried one by one.
    private static int InvalidLine(string path)
    {
        var disk = OnDisk(path)!;
        using var file = File.OpenRead(disk);
        using var reader = new StreamReader(Content(path, disk, file), Encoding.Latin1, detectEncodingFromByteOrderMarks: false);
        var line = 1;
        while (reader.ReadLine() is { } text && Utf8.IsValid(Encoding.Latin1.GetBytes(text))) line++;
        return line;
    }
}
