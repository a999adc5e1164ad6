using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>A training on the disk: the model's checkpoint, and beside it what only the following steps need.</summary>
internal static class TrainingState
{
    private const string FileName = "training.safetensors", Random = "random", Step = "step", Seed = "seed";

    public static void Save(string folder, LanguageModel model, OptimizerState optimizer, long step, long seed)
    {
        using var random = TorchSharp.torch.random.get_rng_state();
        AtomicFile.WriteFolder(folder, temporary =>
        {
            Checkpoint.Write(model, temporary);
            Safetensors.Write(
                Path.Combine(temporary, FileName),
                optimizer.Tensors.Select(tensor => (tensor.Key, tensor.Value)).Append((Random, random)),
                new Dictionary<string, string> { [Step] = step.ToString(CultureInfo.InvariantCulture), [Seed] = seed.ToString(CultureInfo.InvariantCulture) });
        });
    }

    /// <summary>Fills model and optimiser; returns the steps done and the state of libtorch's generator.</summary>
    public static (long Step, Tensor Random) Load(string folder, LanguageModel model, OptimizerState optimizer, long seed)
    {
        var path = Path.Combine(folder, FileName);
        using var file = SafetensorsFile.Open(path);
        var step = Number(file, path, Step);
        if (Number(file, path, Seed) != seed) throw new InputException(path, $"is the training of seed {file.Metadata[Seed]}, not {seed}", "give the state of this very run");
        var random = TorchSharp.torch.random.get_rng_state();
        StoredTensors.Restore(file, path, new Dictionary<string, Tensor>(optimizer.Tensors, StringComparer.Ordinal) { [Random] = random });
        Checkpoint.Fill(model, folder);
        return (step, random);
    }

    private static long Number(SafetensorsFile file, string path, string name) =>
        file.Metadata.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InputException(path, $"does not say its {name}", "give a state that a run has saved");
}
