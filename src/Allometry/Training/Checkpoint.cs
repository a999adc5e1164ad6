using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Training;

/// <summary>A model on the disk: <c>model.json</c> says what it is (architecture and shape, canonical), <c>model.safetensors</c> holds its parameters by our names.</summary>
public static class Checkpoint
{
    internal const string Description = "model.json", Weights = "model.safetensors";

    /// <summary>Replaces the folder as a whole.</summary>
    public static void Save(LanguageModel model, string folder) => AtomicFile.WriteFolder(folder, temporary => Write(model, temporary));

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

    /// <summary>Overwrites a model's parameters by those of a folder, of which the names, types and shapes must be the same.</summary>
    public static void Fill(LanguageModel model, string folder)
    {
        using var file = OpenWeights(folder);
        StoredTensors.Restore([Part(model, folder, file)]);
    }

    internal static SafetensorsFile OpenWeights(string folder) => SafetensorsFile.Open(Path.Combine(folder, Weights));

    internal static StoredPart Part(LanguageModel model, string folder, SafetensorsFile weights) => new(weights, Path.Combine(folder, Weights), model.state_dict());

    internal static void Write(LanguageModel model, string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, Description), Canonical.Json(new ModelDescription(model.Architecture, model.Shape)));
        Safetensors.Write(Path.Combine(folder, Weights), model.state_dict().Select(tensor => (tensor.Key, tensor.Value)));
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
