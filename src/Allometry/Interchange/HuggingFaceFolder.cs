using Allometry.Costs;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>
/// A Hugging Face folder that has been read and checked as a whole: what model it is, and which of its tensors is which of our weights.
/// Everything that is wrong with it, each missing, surplus and misshapen tensor among it, is one <see cref="InputException"/>; weights stay in their files.
/// </summary>
public sealed class HuggingFaceFolder : IDisposable
{
    public const string Config = "config.json";

    private HuggingFaceFolder(HuggingFaceLayout layout, ModelDescription model, HuggingFaceWeights weights) => (Layout, Model, Weights) = (layout, model, weights);

    public HuggingFaceLayout Layout { get; }

    public ModelDescription Model { get; }

    public HuggingFaceWeights Weights { get; }

    /// <summary>The weight of ours that each tensor holds; null: one that Hugging Face itself does not read.</summary>
    public IReadOnlyDictionary<string, string?> Meaning { get; private init; } = new Dictionary<string, string?>();

    public static HuggingFaceFolder Open(string folder)
    {
        var config = HuggingFaceConfig.Read(Path.Combine(folder, Config));
        var layout = HuggingFaceLayout.Of(config);
        var model = layout.Describe(config);
        config.ThrowIfAny();
        var weights = HuggingFaceWeights.Open(folder);
        try
        {
            model = layout.Settle(model, config, weights);
            return new(layout, model, weights) { Meaning = Match(folder, layout, model, weights) };
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The model, its weights widened to float32.</summary>
    public LanguageModel Load()
    {
        var model = Model.Architecture.Build(Model.Shape);
        using var still = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            var (file, entry) = Weights.Tensors[Meaning.First(tensor => tensor.Value == name).Key];
            var offset = 0L;
            TensorMemory.ForEach(parameter, memory =>
            {
                var size = (int)(memory.Length * entry.Bytes / Math.Max(1, parameter.numel() * sizeof(float)));
                FloatBits.Widen(entry.Type, file.Stretch(entry, offset, size), memory);
                offset += size;
            });
        }
        return model;
    }

    public void Dispose() => Weights.Dispose();

    private static Dictionary<string, string?> Match(string folder, HuggingFaceLayout layout, ModelDescription model, HuggingFaceWeights weights)
    {
        var problems = new List<string>();
        var meaning = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var weight in model.Weights())
        {
            var name = layout.NameOf(weight.Name, model.Architecture);
            string[] stored = [.. layout.CopiesOf(weight.Name, model.Architecture).Prepend(name).Where(weights.Tensors.ContainsKey)];
            if (stored.Length == 0) problems.Add($"tensor '{name}' is missing");
            problems.AddRange(stored.SelectMany(copy => Unlike(copy, weight, weights)));
            problems.AddRange(stored.Skip(1).Where(copy => !weights.AreEqual(copy, stored[0])).Select(copy => $"tensor '{copy}' is not '{stored[0]}', whose place it would take"));
            foreach (var copy in stored) meaning[copy] = weight.Name;
        }
        foreach (var name in weights.Tensors.Keys.Where(name => !meaning.ContainsKey(name)))
        {
            if (layout.IsUnused(name)) meaning[name] = null;
            else problems.Add($"tensor '{name}' does not belong there");
        }
        return problems.Count == 0 ? meaning : throw new InputException([.. problems.Select(what => new Problem(folder, what, "give weights that fit config.json"))]);
    }

    private static IEnumerable<string> Unlike(string name, Weight weight, HuggingFaceWeights weights)
    {
        var entry = weights.Tensors[name].Entry;
        if (!entry.Shape.SequenceEqual(weight.Shape)) yield return $"tensor '{name}' is [{string.Join(", ", entry.Shape)}] instead of [{string.Join(", ", weight.Shape)}]";
        if (!FloatBits.Covers(entry.Type)) yield return $"tensor '{name}' holds {entry.Type}, not float32, bfloat16 or float16";
    }
}
