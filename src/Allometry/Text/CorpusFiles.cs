using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using Allometry.Kinds;
using ICSharpCode.SharpZipLib;

namespace Allometry.Text;

/// <summary>The files behind a corpus: what its names stand for, and their documents one after the other.</summary>
internal static class CorpusFiles
{
    private const double Noticeable = 0.002;

    /// <summary>Each name as the files it stands for, in ordinal order; names that stand for none are reported together.</summary>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> names)
    {
        if (names.Count == 0) throw new InputException("files", "names no file", "give at least one file, folder or pattern");
        var found = names.Select(name => (Name: name, Paths: Matching(name))).ToList();
        var missing = found.Where(pair => pair.Paths.Count == 0).Select(pair => Missing(pair.Name)).ToList();
        return missing.Count == 0 ? [.. found.SelectMany(pair => pair.Paths).Distinct(StringComparer.Ordinal)] : throw new InputException(missing);
    }

    /// <summary>The documents of all files. Whatever is wrong with one is an <see cref="InputException"/> that names it.</summary>
    public static IEnumerable<string> Documents(Corpus corpus, IProgress<double>? progress)
    {
        var paths = Expand(corpus.Files);
        var (total, before, told) = (Math.Max(1, paths.Sum(path => new FileInfo(path).Length)), 0L, 0.0);
        foreach (var path in paths)
        {
            using var file = Open(path);
            using var documents = Archive.Open(path, file).SelectMany(entry => TextFormat.Documents(entry.Name, entry.Content, corpus)).GetEnumerator();
            while (Next(documents, path))
            {
                yield return documents.Current;
                var done = (before + file.Position) / (double)total;
                if (progress is null || done < told + Noticeable) continue;
                progress.Report(told = done);
            }

            before += new FileInfo(path).Length;
        }

        progress?.Report(1);
    }

    /// <summary>Adds a file's name (which decides how it is read), length and content to a hash.</summary>
    public static void Append(XxHash128 hash, string path)
    {
        using var file = Open(path);
        hash.Append(Encoding.UTF8.GetBytes(Path.GetFileName(path)));
        hash.Append(BitConverter.GetBytes(file.Length));
        hash.Append(file);
    }

    private static IReadOnlyList<string> Matching(string name)
    {
        if (File.Exists(name)) return [name];
        if (Directory.Exists(name)) return Below(name, path => TextFormat.Reads(path) || Archive.IsOne(path));
        var wild = name.IndexOfAny(['*', '?']);
        if (wild < 0) return [];
        var folder = name[..(name.LastIndexOfAny(['/', '\\'], wild) + 1)];
        var pattern = Pattern(name[folder.Length..]);
        folder = folder.Length == 0 ? "." : folder;
        return Directory.Exists(folder) ? Below(folder, path => pattern.IsMatch(Path.GetRelativePath(folder, path).Replace('\\', '/'))) : [];
    }

    private static List<string> Below(string folder, Func<string, bool> wanted) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(wanted).Order(StringComparer.Ordinal)];

    // ** stands for any folders, * for anything within one name, ? for one character of it.
    private static Regex Pattern(string glob) => new("^" + Regex.Escape(glob.Replace('\\', '/'))
        .Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal)
        .Replace(@"\*", "[^/]*", StringComparison.Ordinal)
        .Replace(@"\?", "[^/]", StringComparison.Ordinal) + "$", RegexOptions.CultureInvariant);

    private static Problem Missing(string name) =>
        Directory.Exists(name) ? new Problem(name, "holds no file that can be read as text", $"put {TextFormat.Known} files there, or archives of them")
        : name.IndexOfAny(['*', '?']) >= 0 ? new Problem(name, "matches no file", "check the folder and the pattern")
        : new Problem(name, "does not exist", "check the path; a relative one starts at the recipe's folder");

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, $"cannot be read ({e.Message})", "check that it is there and that you may read it");
        }
    }

    private static bool Next(IEnumerator<string> documents, string path)
    {
        try
        {
            return documents.MoveNext();
        }
        catch (Exception e) when (e is SharpZipBaseException or InvalidDataException or IOException)
        {
            throw new InputException(path, $"is damaged or was cut short ({e.Message.TrimEnd('.')})", "get it again");
        }
    }
}
