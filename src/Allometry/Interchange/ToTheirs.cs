using System.Buffers;
using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>A folder of ours becomes a Hugging Face one: the one it was made from, where it remembers it, or one that means the same model.</summary>
internal static class ToTheirs
{
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" }; // transformers refuses a file without it

    public static Conversion Write(string source, string target)
    {
        var model = Checkpoint.Describe(source);
        if (model.Backbone is { } backbone) throw new InputException(source, $"holds only what a task changed of the model in {backbone.Folder}, and Hugging Face has no such folders", "convert the model that it was tuned from");
        using var weights = OpenWeights(source, model);
        return File.Exists(HuggingFaceRecord.PathIn(source)) ? Back(source, target, model, weights) : Anew(source, target, model, weights);
    }

    private static Conversion Back(string source, string target, ModelDescription model, SafetensorsFile weights)
    {
        var memory = Path.Combine(source, HuggingFaceRecord.Folder);
        var layout = LayoutOf(Path.Combine(memory, HuggingFaceFolder.Config), model);
        var record = HuggingFaceRecord.Read(source, model);
        var unusedPath = Path.Combine(memory, HuggingFaceRecord.Unused);
        using var unused = record.Tensors.Any(tensor => tensor.Weight is null) ? SafetensorsFile.Open(unusedPath) : null;
        var tensors = record.Tensors.Select(tensor => tensor.Weight is not null ? Narrowed(tensor, weights)
            : unused!.Entries.TryGetValue(tensor.Name, out var entry) ? SafetensorsContent.Of(tensor.Name, unused, entry)
            : throw new InputException(unusedPath, $"tensor '{tensor.Name}' is missing", "convert the original folder again")).ToList();
        var carried = CarriedFiles.In(memory).Append(HuggingFaceFolder.Config).Select(name => (Name: name, From: Path.Combine(memory, name))).Concat(Pieces(source)).ToList();
        AtomicFile.WriteFolder(target, folder =>
        {
            foreach (var (name, from) in carried) CarriedFiles.Copy(from, Path.Combine(folder, name));
            Safetensors.Write(Path.Combine(folder, Checkpoint.Weights), tensors, Metadata);
        });
        return Told(layout, model, tensors);
    }

    private static Conversion Anew(string source, string target, ModelDescription model, SafetensorsFile weights)
    {
        var layout = HuggingFaceLayout.For(model) ?? throw Unwritable(source, model);
        var tensors = HuggingFaceRecord.Of(layout, model).Tensors.Select(tensor => Narrowed(tensor, weights)).ToList();
        var carried = Pieces(source).ToList();
        AtomicFile.WriteFolder(target, folder =>
        {
            JsonFile.Write(Path.Combine(folder, HuggingFaceFolder.Config), layout.Fields(model)!);
            if (layout.Generation is { } generation) JsonFile.Write(Path.Combine(folder, "generation_config.json"), generation);
            if (carried.Count > 0) JsonFile.Write(Path.Combine(folder, "tokenizer_config.json"), TokenizerConfig(source));
            foreach (var (name, from) in carried) CarriedFiles.Copy(from, Path.Combine(folder, name));
            Safetensors.Write(Path.Combine(folder, Checkpoint.Weights), tensors, Metadata);
        });
        return Told(layout, model, tensors);
    }

    private static InputException Unwritable(string source, ModelDescription model) => new(
    [
        new(source, "Hugging Face has no family that computes this architecture", $"known are {string.Join(", ", HuggingFaceLayout.All.Select(Catalogue.NameOf))}; see docs/how-to-add-a-variant.md"),
        .. HuggingFaceLayout.All.SelectMany(layout => layout.Hindrances(model).Select(hindrance => new Problem(source, $"for {Catalogue.NameOf(layout)}, {hindrance.What}", hindrance.Mend))),
    ]);

    private static Conversion Told(HuggingFaceLayout layout, ModelDescription model, List<SafetensorsContent> tensors) => new(ToHuggingFace: true, layout, model, tensors.Count, tensors.Sum(tensor => tensor.Bytes));

    private static SafetensorsFile OpenWeights(string source, ModelDescription model)
    {
        var file = SafetensorsFile.Open(Path.Combine(source, Checkpoint.Weights));
        var wanted = model.Weights().ToDictionary(weight => weight.Name, weight => weight.Shape, StringComparer.Ordinal);
        var missing = wanted.Keys.Where(name => !file.Entries.ContainsKey(name)).Select(name => $"tensor '{name}' is missing");
        var surplus = file.Entries.Keys.Where(name => !wanted.ContainsKey(name)).Select(name => $"tensor '{name}' does not belong there");
        var misshapen = file.Entries.Values.Where(entry => wanted.TryGetValue(entry.Name, out var shape) && !(shape.SequenceEqual(entry.Shape) && entry.Type == ScalarType.Float32))
            .Select(entry => $"tensor '{entry.Name}' is {entry.Type} [{string.Join(", ", entry.Shape)}] instead of Float32 [{string.Join(", ", wanted[entry.Name])}]");
        List<Problem> problems = [.. missing.Concat(surplus).Concat(misshapen).Select(what => new Problem(file.Path, what, $"give weights that fit {Checkpoint.Description}"))];
        if (problems.Count == 0) return file;
        file.Dispose();
        throw new InputException(problems);
    }

    /// <summary>The family of the remembered config.json, which must still mean the model that is there.</summary>
    private static HuggingFaceLayout LayoutOf(string path, ModelDescription model)
    {
        var config = HuggingFaceConfig.Read(path);
        var layout = HuggingFaceLayout.Of(config);
        var meant = layout.Describe(config);
        config.ThrowIfAny();
        return HuggingFaceLayout.Computes(layout.Settled(meant, model)) == HuggingFaceLayout.Computes(model)
            ? layout
            : throw new InputException(path, $"means another model than {Checkpoint.Description}", $"remove the folder {HuggingFaceRecord.Folder} to have it written anew");
    }

    private static IEnumerable<(string Name, string From)> Pieces(string source)
    {
        if (CarriedFiles.In(source).Contains(CarriedFiles.Pieces)) yield return (CarriedFiles.Pieces, Path.Combine(source, CarriedFiles.Pieces));
    }

    private static JsonObject TokenizerConfig(string source)
    {
        var path = Path.Combine(source, "vocabulary.json");
        var sentinels = File.Exists(path) && Canonical.Parse<Vocabulary>(Reader.Text(path), path) is SentencePieceVocabulary vocabulary ? vocabulary.Sentinels : 100;
        return new() { ["tokenizer_class"] = "T5Tokenizer", ["extra_ids"] = sentinels, ["pad_token"] = "<pad>", ["eos_token"] = "</s>", ["unk_token"] = "<unk>" };
    }

    private static SafetensorsContent Narrowed(StoredAs stored, SafetensorsFile weights)
    {
        var (type, holding) = (SafetensorsType.Named(stored.Type)!.Type, stored.Holding!);
        List<SafetensorsEntry> entries = [.. holding.Weights.Select(weight => weights.Entries[weight])];
        return new(stored.Name, type, holding.Shape([.. entries.Select(entry => entry.Shape)]), stream =>
        {
            if (holding.IsPlain) weights.Visit(entries[0], bytes => WriteNarrowed(stream, type, bytes));
            else WriteNarrowed(stream, type, Joined(holding, entries, weights));
        });
    }

    private static byte[] Joined(Holding holding, List<SafetensorsEntry> entries, SafetensorsFile weights)
    {
        using var whole = new MemoryStream();
        foreach (var entry in entries) weights.Visit(entry, bytes => whole.Write(bytes));
        return holding.Turned(whole.ToArray(), [entries.Sum(entry => entry.Shape[0]), .. entries[0].Shape.Skip(1)]);
    }

    private static void WriteNarrowed(Stream stream, ScalarType type, ReadOnlySpan<byte> bytes)
    {
        if (type == ScalarType.Float32)
        {
            stream.Write(bytes);
            return;
        }
        var narrow = ArrayPool<byte>.Shared.Rent(bytes.Length / 2);
        FloatBits.Narrow(type, bytes, narrow);
        stream.Write(narrow, 0, bytes.Length / 2);
        ArrayPool<byte>.Shared.Return(narrow);
    }
}
