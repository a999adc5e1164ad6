using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>A training on the disk: the model's checkpoint, and beside it what only the following steps need.</summary>
internal static class TrainingState
{
    private const string FileName = "training.safetensors", Random = "random", Step = "step";

    public static void Save(string folder, LanguageModel model, OptimizerState optimizer, long step)
    {
        using var random = TorchSharp.torch.random.get_rng_state();
        AtomicFile.WriteFolder(folder, temporary =>
        {
            Checkpoint.Write(model, temporary);
            Safetensors.Write(
                Path.Combine(temporary, FileName),
                optimizer.Tensors.Select(tensor => (tensor.Key, tensor.Value)).Append((Random, random)),
                new Dictionary<string, string> { [Step] = step.ToString(CultureInfo.InvariantCulture) });
        });
    }

    /// <summary>Fills model, optimiser and libtorch's generator; returns the steps done.</summary>
    public static long Load(string folder, LanguageModel model, OptimizerState optimizer)
    {
        var path = Path.Combine(folder, FileName);
        using var file = SafetensorsFile.Open(path);
        var step = StepOf(file, path);
        using var random = TorchSharp.torch.random.get_rng_state();
        StoredTensors.Restore(file, path, new Dictionary<string, Tensor>(optimizer.Tensors, StringComparer.Ordinal) { [Random] = random });
        Checkpoint.Fill(model, folder);
        TorchSharp.torch.random.set_rng_state(random);
        return step;
    }

    private static long StepOf(SafetensorsFile file, string path) =>
        file.Metadata.TryGetValue(Step, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InputException(path, "does not say how many steps were done", "give a state that a run has saved");
}
