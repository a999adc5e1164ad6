using System.ComponentModel;
using System.Security.Cryptography;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Text.Sets;

/// <summary>
/// A public data set that a person brings: Allometry downloads nothing. Its files lie below the data folder (<see cref="DataFolder"/>), whose layout this is.
/// A data set is known by a preset.
/// </summary>
public sealed record DataSet(
    [Description("Its name.")] string Name,
    [Description("Its licence, as its origin states it.")] string Licence,
    [Description("Whether the licence lets a copy be passed on.")] bool Redistributable,
    [Description("Where a person gets it.")] string Origin,
    [Description("The SHA-256 of each file by its path below the data folder; 'unknown' where it is not known here.")] IReadOnlyDictionary<string, string> Files)
{
    private const string Unknown = "unknown";

    /// <summary>Every data set that is known, in the order of their names.</summary>
    public static IReadOnlyList<DataSet> All() =>
        [.. Catalogue.Of(typeof(DataSet)).Select(entry => Reader.Read<DataSet>(entry.Name, "data sets")).OrderBy(set => set.Name, StringComparer.Ordinal)];

    /// <summary>The known data set of this name, else an <see cref="InputException"/> that names the nearest.</summary>
    public static DataSet Named(string name) => All().FirstOrDefault(set => set.Name == name)
        ?? throw new InputException("name", $"no data set is called '{name}'", Suggestion.For(name, All().Select(set => set.Name)));

    /// <summary>The SHA-256 that a file should have, in lower-case hexadecimal; null where it is not known.</summary>
    public string? Checksum(string file) => Files[file] is Unknown ? null : Files[file];

    /// <summary>Reads the whole file where a checksum is known.</summary>
    public FileState StateOf(string file, string folder)
    {
        var path = Path.Combine(folder, file);
        return !File.Exists(path) ? FileState.Absent : Fits(file, path) ? FileState.Present : FileState.Different;
    }

    /// <summary>All its files together: different where one is, incomplete where only some are there.</summary>
    public DataSetState StateIn(string folder)
    {
        var states = Files.Keys.Select(file => StateOf(file, folder)).ToHashSet();
        return states.Contains(FileState.Different) ? DataSetState.Different
            : !states.Contains(FileState.Absent) ? DataSetState.Present
            : states.Contains(FileState.Present) ? DataSetState.Incomplete : DataSetState.Absent;
    }

    /// <summary>
    /// Copies what is found of it in a person's <paramref name="source"/> into the data folder: each file by its path or by its name alone, and only if its
    /// checksum fits. Returns the files copied; none found, or one that is another file, is an <see cref="InputException"/> and nothing is copied.
    /// </summary>
    public IReadOnlyList<string> Import(string source, string folder)
    {
        if (!Directory.Exists(source)) throw new InputException(source, "is no folder", "give the folder that holds your copy");
        var found = Files.Keys.Select(file => (File: file, Path: Find(file, source))).Where(pair => pair.Path is not null).ToList();
        if (found.Count == 0) throw new InputException(source, $"holds none of the files of '{Name}'", $"it should hold {string.Join(", ", Files.Keys.Select(Path.GetFileName))}");
        var others = found.Where(pair => !Fits(pair.File, pair.Path!)).ToList();
        if (others.Count > 0)
            throw new InputException([.. others.Select(pair => new Problem(pair.Path!, $"is not the file that '{Name}' means: its SHA-256 is another than {Checksum(pair.File)}", $"get it from {Origin}"))]);
        foreach (var (file, path) in found) Copy(path!, Path.Combine(folder, file));
        return [.. found.Select(pair => pair.File)];
    }

    private static void Copy(string from, string to)
    {
        if (Path.GetFullPath(from) == Path.GetFullPath(to)) return;
        using var content = File.OpenRead(from);
        AtomicFile.Write(to, content.CopyTo);
    }

    // glue/CoLA/x.tsv is looked for as glue/CoLA/x.tsv, CoLA/x.tsv and x.tsv.
    private static string? Find(string file, string source)
    {
        var parts = file.Split('/');
        return Enumerable.Range(0, parts.Length).Select(i => Path.Combine([source, .. parts[i..]])).FirstOrDefault(File.Exists);
    }

    private bool Fits(string file, string path)
    {
        if (Checksum(file) is not { } checksum) return true;
        using var content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == checksum;
    }
}
