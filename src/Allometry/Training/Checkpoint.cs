using System.IO.Hashing;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>A model on the disk: <c>model.json</c> says what it is (architecture and shape, canonical), <c>model.safetensors</c> holds its parameters by our names.</summary>
public static class Checkpoint
{
    internal const string Description = "model.json", Weights = "model.safetensors";

    /// <summary>Replaces the folder as a whole.</summary>
    public static void Save(LanguageModel model, string folder) => AtomicFile.WriteFolder(folder, temporary => Write(model, temporary));

    /// <summary>Replaces the folder by one with what was trained and nothing else; the rest is that of the model in <paramref name="backbone"/>, a path seen from the folder.</summary>
    public static void SaveAdapted(LanguageModel model, Adaptation adaptation, string folder, string backbone)
    {
        var description = new ModelDescription(model.Architecture, model.Shape, new(backbone, Hash(Path.Combine(folder, backbone))));
        AtomicFile.WriteFolder(folder, temporary => Write(description, model.state_dict().Where(tensor => adaptation.Trains(tensor.Key)), temporary));
    }

    /// <summary>What a folder's model is; reads no weights and needs no libtorch.</summary>
    public static ModelDescription Describe(string folder)
    {
        var path = Path.Combine(folder, Description);
        return Canonical.Parse<ModelDescription>(ReadText(path), path);
    }

    /// <summary>
    /// Builds the model that a folder describes, or another <paramref name="architecture"/> with the same weights (such as one with dropout), and fills it.
    /// What is wrong with the folder is told at once in an <see cref="InputException"/>.
    /// </summary>
    public static LanguageModel Load(string folder, Architecture? architecture = null)
    {
        var description = Describe(folder);
        var model = (architecture ?? description.Architecture).Build(description.Shape);
        try
        {
            Fill(model, folder);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Overwrites a model's parameters by those of a folder, of which the names, types and shapes must be the same. What the folder's own architecture does not have, such as a patch, is left as it is;
    /// its head is passed over where the model has a task's answers in its place.
    /// </summary>
    public static void Fill(LanguageModel model, string folder)
    {
        var description = Describe(folder);
        var known = description.Weights().Select(weight => weight.Name).ToHashSet();
        var targets = model.state_dict().Where(tensor => known.Contains(tensor.Key)).ToDictionary(tensor => tensor.Key, tensor => tensor.Value);
        using var file = OpenWeights(folder);
        if (description.Backbone is { } backbone)
        {
            Fill(model, Whole(folder, backbone));
            targets = targets.Where(target => file.Entries.ContainsKey(target.Key)).ToDictionary();
        }

        StoredTensors.Restore([new(file, Path.Combine(folder, Weights), targets) { PassesOver = model.Architecture.Answers is null ? null : "head." }]);
    }

    /// <summary>The folder of a backbone; an <see cref="InputException"/> where it is gone or is another model by now.</summary>
    private static string Whole(string folder, Backbone backbone)
    {
        var path = Path.GetFullPath(Path.Combine(folder, backbone.Folder));
        if (!File.Exists(Path.Combine(path, Weights))) throw new InputException(folder, $"holds only what a task changed of the model in {path}, which is not there", "put that model back, or keep the two folders as they were to each other");
        return Hash(path) == backbone.Weights ? path : throw new InputException(path, $"is not the model that {folder} was tuned from", "put that model back");
    }

    private static string Hash(string folder)
    {
        var hash = new XxHash128();
        using var file = File.OpenRead(Path.Combine(folder, Weights));
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    internal static SafetensorsFile OpenWeights(string folder) => SafetensorsFile.Open(Path.Combine(folder, Weights));

    internal static StoredPart Part(LanguageModel model, string folder, SafetensorsFile weights) => new(weights, Path.Combine(folder, Weights), model.state_dict());

    internal static void Write(LanguageModel model, string folder) => Write(new(model.Architecture, model.Shape), model.state_dict(), folder);

    private static void Write(ModelDescription description, IEnumerable<KeyValuePair<string, Tensor>> weights, string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, Description), Canonical.Json(description));
        Safetensors.Write(Path.Combine(folder, Weights), weights.Select(tensor => (tensor.Key, tensor.Value)));
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "cannot be read, so the folder is no saved model", "give a folder that a run has saved");
        }
    }
}
