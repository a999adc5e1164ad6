using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tasks.Mixtures;
using Allometry.Text;

namespace Allometry.Experiments;

/// <summary>What a recipe refers to, found and opened: its data files, their fingerprints, its tokenizer.</summary>
public sealed class Materials
{
    private readonly string folder;
    private readonly Dictionary<string, string> fingerprints = [];
    private readonly Dictionary<string, TaskLengths> lengths = [];
    private Tokenizer? tokenizer;

    private Materials(string folder, string cache) => (this.folder, Cache) = (folder, cache);

    /// <summary>Where token files and trimmed vocabularies are kept, named by what made them.</summary>
    public string Cache { get; }

    public Tokenizer Tokenizer => tokenizer ?? throw new InvalidOperationException("The vocabulary could not be opened.");

    public bool HasTokenizer => tokenizer is not null;

    /// <summary>Finds and opens everything; what is missing or damaged is told all at once.</summary>
    public static Materials Open(Recipe recipe, string folder, string cache, Watcher watcher)
    {
        var materials = new Materials(folder, cache);
        AtomicFile.Sweep(cache); // what a killed process left half made
        var files = DataFiles.In(recipe).Distinct(StringComparer.Ordinal).SelectMany(file => materials.Read(file, watcher)).ToList();
        var vocabulary = files.Count == 0 ? materials.OpenVocabulary(recipe, watcher) : [];
        watcher.Preparing("reading the tasks", null);
        var stages = recipe.Protocol.SelectMany(stage => materials.Located(stage).Problems(recipe.For(stage), materials)).Concat(StartingPoints.Problems(recipe)).ToList();
        // A stage that reads a file knows better what to say about it; what is not there is missed by every task that reads it, and said once.
        bool IsOf(Problem problem, Problem file) => problem.Where.StartsWith(file.Where, StringComparison.Ordinal);
        List<Problem> problems = [.. files.Where(file => !stages.Any(problem => IsOf(problem, file))), .. vocabulary, .. stages.DistinctBy<Problem, object>(problem => files.Any(file => IsOf(problem, file)) ? problem.Where : problem)];
        return problems.Count == 0 ? materials : throw new InputException([.. InOneFolder(problems).Distinct()]);
    }

    /// <summary>Of a data folder that is not there at all, one word stands for everything that should lie in it.</summary>
    private static IEnumerable<Problem> InOneFolder(IReadOnlyList<Problem> problems)
    {
        var there = problems.Where(problem => DataFolder.Contains(problem.Where)).ToList();
        return there.Count < 2 || Directory.Exists(DataFolder.Root) ? problems : problems.Except(there).Prepend(new(DataFolder.Root,
            $"there is no such folder, and {there.Count} files of this recipe should lie in it", $"set {DataFolder.Variable} to the folder that holds them; 'allometry data' says what belongs there and where it is to be had"));
    }

    /// <summary>For runs of which everything has been found and opened before: their vocabulary is in the cache.</summary>
    public static Materials Reopen(Vocabulary vocabulary, string folder, string cache)
    {
        var materials = new Materials(folder, cache);
        materials.tokenizer = materials.Located(vocabulary).Load(cache);
        return materials;
    }

    /// <summary>Where relative paths start.</summary>
    public string Folder => folder;

    public string FingerprintOf(string file) => fingerprints[file];

    /// <summary>How long the examples of a mixture are, in batches of so many; looked at once for all shapes and seeds.</summary>
    public TaskLengths LengthsOf(Mixture mixture, int batch, int accumulate, int window) =>
        LengthsOf($"{Canonical.Hash(mixture)} {batch} {accumulate} {window}", () => TaskLengths.Of(Located(mixture), Tokenizer, batch, accumulate, window));

    /// <summary>The same of any other examples; what is known by the same key is looked at once.</summary>
    public TaskLengths LengthsOf(string key, Func<TaskLengths> look) => lengths.TryGetValue(key, out var known) ? known : lengths[key] = look();

    /// <summary>A description with its data files where they really are.</summary>
    public T Located<T>(T description) => DataFiles.Located(description, folder);

    /// <summary>The problems that an action meets; none where it succeeds.</summary>
    public static IReadOnlyList<Problem> Tried(Action action)
    {
        try
        {
            action();
            return [];
        }
        catch (InputException error) { return error.Problems; }
    }

    private IReadOnlyList<Problem> Read(string file, Watcher watcher)
    {
        watcher.Preparing($"reading {file}", null);
        var path = DataFolder.Resolve(file, folder);
        // A corpus of one name knows files, folders and patterns, and hashes what they hold. A table inside an archive changes with the archive.
        return Tried(() => fingerprints[file] = new Corpus([TableFile.OnDisk(path) ?? path]).Fingerprint());
    }

    private IReadOnlyList<Problem> OpenVocabulary(Recipe recipe, Watcher watcher)
    {
        watcher.Preparing("preparing the vocabulary", null);
        return Tried(() => tokenizer = Located(recipe.VocabularyInUse).Load(Cache));
    }
}
