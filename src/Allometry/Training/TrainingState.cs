using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>A training on the disk: the model's checkpoint, and beside it what only the following steps need: the optimiser's memory, and what the objective trains beside the model.</summary>
internal sealed class TrainingState(LanguageModel model, OptimizerState optimizer, nn.Module? auxiliary, long seed)
{
    private const string FileName = "training.safetensors", AuxiliaryName = "auxiliary.safetensors", Random = "random", Step = "step", Seed = "seed";

    public void Save(string folder, Tensor random, long step)
    {
        AtomicFile.WriteFolder(folder, temporary =>
        {
            Checkpoint.Write(model, temporary);
            if (auxiliary is not null) Safetensors.Write(Path.Combine(temporary, AuxiliaryName), auxiliary.state_dict().Select(tensor => (tensor.Key, tensor.Value)));
            Safetensors.Write(
                Path.Combine(temporary, FileName),
                optimizer.Tensors.Select(tensor => (tensor.Key, tensor.Value)).Append((Random, random)),
                new Dictionary<string, string> { [Step] = step.ToString(CultureInfo.InvariantCulture), [Seed] = seed.ToString(CultureInfo.InvariantCulture) });
        });
    }

    /// <summary>Fills model and optimiser, or leaves both as they were; returns the steps done and the state of libtorch's generator.</summary>
    public (long Step, Tensor Random) Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var file = SafetensorsFile.Open(path);
        using var weights = Checkpoint.OpenWeights(folder);
        var (step, ofSeed) = (Number(file, path, Step), Number(file, path, Seed));
        var random = TorchSharp.torch.random.get_rng_state();
        var state = new Dictionary<string, Tensor>(optimizer.Tensors, StringComparer.Ordinal) { [Random] = random };
        var besidePath = Path.Combine(folder, AuxiliaryName);
        using var beside = auxiliary is null ? null : SafetensorsFile.Open(besidePath);
        List<StoredPart> parts = [Checkpoint.Part(model, folder, weights), new(file, path, state)];
        if (beside is not null) parts.Add(new(beside, besidePath, auxiliary!.state_dict()));
        StoredTensors.Restore(parts, OtherModel(folder, model).Concat(OtherSeed(path, ofSeed, seed)));
        return (step, random);
    }

    /// <summary>Models whose tensors are alike may still compute otherwise.</summary>
    private static IEnumerable<Problem> OtherModel(string folder, LanguageModel model)
    {
        var (found, wanted) = (Canonical.Json(Checkpoint.Describe(folder)), Canonical.Json(new ModelDescription(model.Architecture, model.Shape)));
        if (found != wanted) yield return new Problem(folder, $"is the training of {found}, not of {wanted}", "give the state of this very run");
    }

    private static IEnumerable<Problem> OtherSeed(string path, long found, long wanted)
    {
        if (found != wanted) yield return new Problem(path, $"is the training of seed {found}, not {wanted}", "give the state of this very run");
    }

    private static long Number(SafetensorsFile file, string path, string name) =>
        file.Metadata.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InputException(path, $"does not say its {name}", "give a state that a run has saved");
}
