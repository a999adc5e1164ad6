using System.Collections.Concurrent;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Web;

/// <summary>The recipes under the folder in which the page was started. What a request names is held to be one of them, or a new file inside.</summary>
internal sealed class RecipeFolder(string folder)
{
    private const string Ending = ".yaml";

    private const int Deepest = 4, Largest = 1 << 20;

    private static readonly EnumerationOptions Walk = new() { RecurseSubdirectories = true, MaxRecursionDepth = Deepest, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };

    private readonly string root = Path.GetFullPath(folder);
    private readonly ConcurrentDictionary<string, string> written = new(StringComparer.Ordinal);

    /// <summary>Their paths relative to the folder, with slashes.</summary>
    public IReadOnlyList<string> Names() => [.. Files().Where(file => TextOf(file)?.Contains("\nprotocol:", StringComparison.Ordinal) == true).Select(file => Path.GetRelativePath(root, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public string Read(string name) => Text(Inside(name));

    /// <summary>The file that holds this text, as a full path; null where there is none.</summary>
    public string? Find(string yaml) => Files().FirstOrDefault(file => TextOf(file) == yaml);

    /// <summary>Writes a recipe and gives its full path. Only what was written here, and nobody has changed since, is replaced by something else.</summary>
    public string Write(string name, string yaml)
    {
        var file = Inside(name);
        if (File.Exists(file) && Text(file) is var there && there != yaml && there != written.GetValueOrDefault(file)) throw new InputException(name, "there is another recipe in this file", "give another name");
        AtomicFile.WriteText(file, yaml);
        written[file] = yaml;
        return file;
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(root, $"*{Ending}", Walk)
        .Where(file => !Path.GetRelativePath(root, file).StartsWith("artifacts", StringComparison.Ordinal) && new FileInfo(file).Length < Largest);

    private string Inside(string name)
    {
        var file = Path.GetFullPath(Path.Combine(root, name));
        var relative = Path.GetRelativePath(root, file);
        if (Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) || !file.EndsWith(Ending, StringComparison.Ordinal) || Path.GetFileName(file) == Ending)
            throw new InputException(name, $"this is no {Ending} file inside the folder of the page", $"write a path such as recipes/mine{Ending}");
        return file;
    }

    private static string Text(string file) => Reader.Text(file);

    /// <summary>Null for what is no text, or nobody lets us read: no recipe of ours.</summary>
    private static string? TextOf(string file)
    {
        try { return Text(file); }
        catch (InputException) { return null; }
    }
}
