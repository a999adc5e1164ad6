using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Cli;

/// <summary>Where stores lie when nobody says where.</summary>
public static class StoreFolder
{
    private const string Root = ".allometry";

    public static string Of(string? given, string name) => given ?? Path.Combine(Root, name);

    /// <summary>The given store, or the one that was written last.</summary>
    public static string Find(string? given) => given ?? Newest()
        ?? throw new InputException(Root, "there is no store here", "give the folder of a store, or run a recipe first");

    /// <summary>How the runs of a store have ended; none where there is no store. That of another study is refused.</summary>
    public static IReadOnlyDictionary<string, RunState> States(string folder, string study)
    {
        if (!StudyStore.Exists(folder)) return new Dictionary<string, RunState>();
        using var store = StudyStore.Read(folder);
        if (store.Fact("name") is { } name && name != study)
            throw new InputException(folder, $"it holds the study '{name}', and this recipe's is '{study}'", "give a folder of its own with --store, or the recipe the name of the study that it goes on with");
        return store.Runs().ToDictionary(run => run.Id, run => store.StateOf(run.Id).State);
    }

    public static HashSet<string> Done(string folder, string study) => [.. States(folder, study).Where(run => run.Value == RunState.Done).Select(run => run.Key)];

    private static string? Newest() => Directory.Exists(Root)
        ? Directory.EnumerateDirectories(Root).Where(StudyStore.Exists).MaxBy(folder => Directory.EnumerateFiles(folder).Max(File.GetLastWriteTimeUtc))
        : null;
}
