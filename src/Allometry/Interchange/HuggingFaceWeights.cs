using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Interchange;

/// <summary>The tensors of a Hugging Face folder, by name: one file, or several with an index. What is wrong with them as files is told when they are opened.</summary>
public sealed class HuggingFaceWeights : IDisposable
{
    private const string Single = "model.safetensors", Index = "model.safetensors.index.json";
    private const string Again = "give the whole folder, copied again from where it came";

    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);

    private HuggingFaceWeights()
    {
    }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    public static HuggingFaceWeights Open(string folder)
    {
        var weights = new HuggingFaceWeights();
        try
        {
            if (File.Exists(Path.Combine(folder, Single))) weights.Add(SafetensorsFile.Open(Path.Combine(folder, Single)));
            else if (File.Exists(Path.Combine(folder, Index))) weights.AddShards(folder, Path.Combine(folder, Index));
            else throw new InputException(folder, Missing(folder), $"give a folder with {Single}, or with {Index} and the files it names");
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Whether two tensors have the same type, shape and bytes.</summary>
    public bool AreEqual(string one, string other)
    {
        var (a, b) = (tensors[one], tensors[other]);
        if (a.Entry.Type != b.Entry.Type || !a.Entry.Shape.SequenceEqual(b.Entry.Shape)) return false;
        var (equal, offset) = (true, 0L);
        a.File.Visit(a.Entry, bytes =>
        {
            equal = equal && bytes.SequenceEqual(b.File.Stretch(b.Entry, offset, bytes.Length));
            offset += bytes.Length;
        });
        return equal;
    }

    public void Dispose() => files.ForEach(file => file.Dispose());

    private static string Missing(string folder) =>
        Directory.EnumerateFiles(folder).Any(file => file.EndsWith(".incomplete", StringComparison.Ordinal)) ? "has no weights yet: its download has not ended"
        : Directory.EnumerateFiles(folder).Select(Path.GetFileName).FirstOrDefault(file => file!.EndsWith(".bin", StringComparison.Ordinal) || file.EndsWith(".h5", StringComparison.Ordinal) || file.EndsWith(".msgpack", StringComparison.Ordinal)) is { } other
            ? $"has its weights in {other}, which is not read"
        : "has no weights";

    private void Add(SafetensorsFile file)
    {
        files.Add(file);
        foreach (var entry in file.Entries.Values) tensors.Add(entry.Name, new(file, entry));
    }

    private void AddShards(string folder, string index)
    {
        var map = ReadMap(index);
        var problems = new List<Problem>();
        foreach (var shard in map.GroupBy(pair => pair.Value, pair => pair.Key).OrderBy(shard => shard.Key, StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, shard.Key);
            if (shard.Key != Path.GetFileName(shard.Key)) problems.Add(new(index, $"names '{shard.Key}', which is not a file of its own folder", Again));
            else if (!File.Exists(path)) problems.Add(new(path, $"is missing, and with it {shard.Count()} tensors", Again));
            else AddShard(path, [.. shard], problems);
        }
        if (problems.Count > 0) throw new InputException(problems);
    }

    private void AddShard(string path, HashSet<string> promised, List<Problem> problems)
    {
        try
        {
            var file = SafetensorsFile.Open(path);
            files.Add(file);
            foreach (var name in promised.Where(name => !file.Entries.ContainsKey(name))) problems.Add(new(path, $"tensor '{name}' is missing, which the index says is here", Again));
            foreach (var name in file.Entries.Keys.Where(name => !promised.Contains(name))) problems.Add(new(path, $"tensor '{name}' is not where the index says", Again));
            foreach (var name in promised.Where(file.Entries.ContainsKey)) tensors.Add(name, new(file, file.Entries[name]));
        }
        catch (InputException wrong)
        {
            problems.AddRange(wrong.Problems);
        }
    }

    private static Dictionary<string, string> ReadMap(string index)
    {
        if (JsonFile.Read(index)["weight_map"] is not JsonObject { Count: > 0 } map || map.Any(pair => pair.Value?.GetValueKind() != JsonValueKind.String))
            throw new InputException(index, "has no weight_map from tensors to files", Again);
        return map.ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>(), StringComparer.Ordinal);
    }
}

/// <summary>A tensor and the open file that holds it.</summary>
public sealed record StoredTensor(SafetensorsFile File, SafetensorsEntry Entry);
