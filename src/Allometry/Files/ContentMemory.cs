using System.Collections.Concurrent;
using System.Globalization;

namespace Allometry.Files;

/// <summary>
/// What was once computed from the content of files, for as long as the process lives and the files stay as they are: their length and the time of their last change tell.
/// Files changed just now are read anew, since a second change could have the same time.
/// </summary>
public sealed class ContentMemory<T>
{
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(2); // FAT's; others tell changes apart within milliseconds

    private readonly ConcurrentDictionary<string, T> known = new(StringComparer.Ordinal);

    /// <summary>What <paramref name="compute"/> makes of the files; <paramref name="settings"/> is whatever else it depends on.</summary>
    public T Of(IReadOnlyList<string> files, string settings, Func<T> compute)
    {
        var found = files.Select(file => new FileInfo(file)).ToList();
        if (!found.All(file => file.Exists && DateTime.UtcNow - file.LastWriteTimeUtc > Grain)) return compute();
        var key = string.Join('\n', found.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")).Append(settings));
        return known.TryGetValue(key, out var value) ? value : known[key] = compute();
    }
}
