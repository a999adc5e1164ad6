using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Interchange;

/// <summary>A folder with a model in it: ours (<c>model.json</c>) or a raw Hugging Face one (<c>config.json</c>).</summary>
public static class ModelFolder
{
    /// <summary>Whether a path is a folder that says what model it holds.</summary>
    public static bool Is(string path) => File.Exists(Path.Combine(path, HuggingFaceFolder.Config)) || File.Exists(Path.Combine(path, Checkpoint.Description));

    /// <summary>Which of the two a folder is; an <see cref="InputException"/> where it is neither or both.</summary>
    public static bool IsHuggingFace(string folder)
    {
        if (!Directory.Exists(folder)) throw new InputException(folder, File.Exists(folder) ? "is a file" : "there is no such folder", "give the folder of a model");
        return (File.Exists(Path.Combine(folder, HuggingFaceFolder.Config)), File.Exists(Path.Combine(folder, Checkpoint.Description))) switch
        {
            (true, false) => true,
            (false, true) => false,
            (false, false) => throw new InputException(folder, $"holds no model: there is neither {Checkpoint.Description} (ours) nor {HuggingFaceFolder.Config} (Hugging Face's)", "give the folder of a model"),
            _ => throw new InputException(folder, $"holds both {Checkpoint.Description} (ours) and {HuggingFaceFolder.Config} (Hugging Face's)", "leave one of the two in a folder"),
        };
    }

    /// <summary>What a folder's model is; no weights are loaded, and no libtorch.</summary>
    public static ModelDescription Describe(string folder)
    {
        if (!IsHuggingFace(folder)) return Checkpoint.Describe(folder);
        using var raw = HuggingFaceFolder.Open(folder);
        return raw.Model;
    }

    /// <summary>The model, in float32, and the names that Hugging Face has for its weights (ours where it knows no such model).</summary>
    public static (LanguageModel Model, TensorNames Names) Load(string folder)
    {
        if (!IsHuggingFace(folder))
        {
            var model = Checkpoint.Load(folder);
            return (model, new(HuggingFaceLayout.For(new(model.Architecture, model.Shape)), model.Architecture));
        }
        using var raw = HuggingFaceFolder.Open(folder);
        return (raw.Load(), new(raw.Layout, raw.Model.Architecture));
    }
}
