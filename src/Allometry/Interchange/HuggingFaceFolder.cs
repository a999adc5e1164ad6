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

    /// <summary>The weights of ours that each tensor holds; null: one that Hugging Face itself does not read.</summary>
    public IReadOnlyDictionary<string, Holding?> Meaning { get; private init; } = new Dictionary<string, Holding?>();

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
        var parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach (var held in Held())
        {
            var offset = 0L;
            TensorMemory.ForEach(parameters[held.Weight.Name], memory =>
            {
                var size = memory.Length / sizeof(float) * SafetensorsType.Of(held.Type).Bytes;
                FloatBits.Widen(held.Type, held.Stretch(offset, size), memory);
                offset += size;
            });
        }
        return model;
    }

    /// <summary>Each weight of ours once, where the folder has it.</summary>
    internal IEnumerable<HeldWeight> Held()
    {
        var ours = Model.Weights().ToDictionary(weight => weight.Name);
        return Meaning.Where(tensor => tensor.Value is not null)
            .SelectMany(tensor => tensor.Value!.Weights.Select(weight => new HeldWeight(ours[weight], Weights.Tensors[tensor.Key], tensor.Value, name => ours[name])))
            .DistinctBy(held => held.Weight.Name);
    }

    public void Dispose() => Weights.Dispose();

    private static Dictionary<string, Holding?> Match(string folder, HuggingFaceLayout layout, ModelDescription model, HuggingFaceWeights weights)
    {
        var problems = new List<string>();
        var meaning = new Dictionary<string, Holding?>(StringComparer.Ordinal);
        var shapes = model.Weights().ToDictionary(weight => weight.Name, weight => weight.Shape);
        foreach (var (first, holding) in layout.Holdings(model))
        {
            var name = layout.NameOf(first, model.Architecture);
            string[] stored = [.. layout.CopiesOf(first, model.Architecture).Prepend(name).Where(weights.Tensors.ContainsKey)];
            var shape = holding.Shape([.. holding.Weights.Select(weight => shapes[weight])]);
            if (stored.Length == 0) problems.Add($"tensor '{name}' is missing");
            problems.AddRange(stored.SelectMany(copy => Unlike(copy, shape, weights)));
            problems.AddRange(stored.Skip(1).Where(copy => !weights.AreEqual(copy, stored[0])).Select(copy => $"tensor '{copy}' is not '{stored[0]}', whose place it would take"));
            foreach (var copy in stored) meaning[copy] = holding;
        }
        foreach (var name in weights.Tensors.Keys.Where(name => !meaning.ContainsKey(name)))
        {
            if (layout.IsUnused(name)) meaning[name] = null;
            else problems.Add($"tensor '{name}' does not belong there");
        }
        return problems.Count == 0 ? meaning : throw new InputException([.. problems.Select(what => new Problem(folder, what, "give weights that fit config.json"))]);
    }

    private static IEnumerable<string> Unlike(string name, IReadOnlyList<long> shape, HuggingFaceWeights weights)
    {
        var entry = weights.Tensors[name].Entry;
        if (!entry.Shape.SequenceEqual(shape)) yield return $"tensor '{name}' is [{string.Join(", ", entry.Shape)}] instead of [{string.Join(", ", shape)}]";
        if (!FloatBits.Covers(entry.Type)) yield return $"tensor '{name}' holds {entry.Type}, not float32, bfloat16 or float16";
    }
}
