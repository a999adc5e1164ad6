using System.Collections.Concurrent;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>The studies that the page can show: the one that it was opened with, its neighbours under .allometry, and those that it has started; each by the name of its folder.</summary>
internal sealed class Studies : IDisposable
{
    private const string Root = ".allometry";

    private readonly ConcurrentDictionary<string, Lazy<WatchedStudy>> open = new(StringComparer.Ordinal);
    private readonly string first, root;

    public Studies(Serving serving)
    {
        first = Path.TrimEndingDirectorySeparator(Path.GetFullPath(serving.Store));
        var above = Path.GetDirectoryName(first)!;
        root = Path.GetFileName(above) == Root ? above : Path.Combine(Path.GetFullPath(serving.Folder), Root);
        Find(Path.GetFileName(first));
    }

    /// <summary>The first is the one that the page opens with.</summary>
    public IEnumerable<string> Names => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root).Where(StudyStore.Exists).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal).Prepend(Path.GetFileName(first)).Distinct()
        : [Path.GetFileName(first)];

    /// <summary>Looks at the first study before anybody asks, so that a large one has been read when the page is opened.</summary>
    public void Warm() => Find(Path.GetFileName(first)).Now();

    /// <summary>A name that is none of <see cref="Names"/> is an <see cref="InputException"/>: what a request says never becomes a path.</summary>
    public WatchedStudy Find(string name)
    {
        if (!Names.Contains(name)) throw new InputException("study", $"there is no study '{name}' here", "load the page again");
        var study = open.GetOrAdd(name, _ => new(() => new(FolderOf(name))));
        try { return study.Value; }
        catch
        {
            open.TryRemove(name, out _);
            throw;
        }
    }

    /// <summary>Where the store of a new study will be.</summary>
    public string FolderOf(string name) => name == Path.GetFileName(first) ? first
        : name.Length > 0 && name == Path.GetFileName(name) && name is not ("." or "..") ? Path.Combine(root, name)
        : throw new InputException("name", $"'{name}' cannot be the name of a folder", "use letters, digits, dashes and dots");

    public void Dispose()
    {
        foreach (var study in open.Values.Where(study => study.IsValueCreated)) study.Value.Dispose();
    }
}
