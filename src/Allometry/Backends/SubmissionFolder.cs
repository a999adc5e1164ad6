using System.Globalization;
using System.Text.Json;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Backends;

/// <summary>What has been submitted together, <c>cluster/NNNN/</c>: its script, which task is which run, and the name that the scheduler gave it.</summary>
public sealed record SubmissionFolder(string Folder, string Mark, IReadOnlyDictionary<int, string> Runs)
{
    private const string Tasks = "tasks.json", Job = "job";

    /// <summary>The scheduler's name; null where a kill came before it was written down.</summary>
    public string? JobName { get; private set; } = File.Exists(Path.Combine(Folder, Job)) ? File.ReadAllText(Path.Combine(Folder, Job)) : null;

    public int Number => int.Parse(Path.GetFileName(Folder), CultureInfo.InvariantCulture);

    public static string Root(string store) => Path.Combine(store, "cluster");

    /// <summary>Makes the next folder, before anything is submitted.</summary>
    /// <param name="last">The last number that was given, though its folder may be gone.</param>
    public static SubmissionFolder Make(string store, IReadOnlyDictionary<int, string> runs, int last = 0)
    {
        var number = Math.Max(last, Numbers(store).DefaultIfEmpty(0).Max()) + 1;
        var made = new SubmissionFolder(FolderOf(store, number), $"allometry-{Guid.NewGuid():N}", runs);
        AtomicFile.WriteText(Path.Combine(made.Folder, Tasks), JsonSerializer.Serialize(new Listed(made.Mark, runs)));
        return made;
    }

    /// <summary>All of a store, oldest first.</summary>
    public static IReadOnlyList<SubmissionFolder> All(string store) => [.. Numbers(store).Order().Select(number => Read(FolderOf(store, number))).OfType<SubmissionFolder>()];

    /// <summary>The run of a task.</summary>
    public static string RunOf(string folder, int task) => Read(folder) is { } read && read.Runs.TryGetValue(task, out var run)
        ? run
        : throw new InputException(folder, $"there is no task {task} here", "copy the store again, or run the recipe again");

    public void Submitted(string job)
    {
        JobName = job;
        AtomicFile.WriteText(Path.Combine(Folder, Job), job);
    }

    private static SubmissionFolder? Read(string folder)
    {
        var file = Path.Combine(folder, Tasks);
        if (!File.Exists(file)) return null;
        var (mark, runs) = StoredJson.Read<Listed>(Reader.Text(file), file, "it was copied in part: copy the store again, or run the recipe again");
        return new(folder, mark, runs);
    }

    private static IEnumerable<int> Numbers(string store) => Directory.Exists(Root(store))
        ? Directory.EnumerateDirectories(Root(store)).Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0).Where(number => number > 0)
        : [];

    private static string FolderOf(string store, int number) => Path.Combine(Path.GetFullPath(Root(store)), number.ToString("0000", CultureInfo.InvariantCulture));

    private sealed record Listed(string Mark, IReadOnlyDictionary<int, string> Runs);
}
