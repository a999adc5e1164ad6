using Allometry.Files;
using Allometry.Kinds;
using Allometry.Training;

namespace Allometry.Interchange;

/// <summary>
/// How a Hugging Face folder held one tensor; <paramref name="Weight"/> is ours that it came from, or null for one that nobody reads and that lies in <c>unused.safetensors</c>.
/// Behind it there may be further ones (<paramref name="Then"/>), and the whole may be <paramref name="Transposed"/>.
/// </summary>
internal sealed record StoredAs(string Name, string Type, string? Weight = null, IReadOnlyList<string>? Then = null, bool Transposed = false)
{
    public static StoredAs Of(string name, string type, Holding? holding) => new(name, type, holding?.Weights[0], holding is { Weights.Count: > 1 } ? [.. holding.Weights.Skip(1)] : null, holding?.Transposed ?? false);

    public Holding? Holding => Weight is null ? null : new([Weight, .. Then ?? []], Transposed);
}

/// <summary>
/// What a folder of ours remembers of the Hugging Face folder that it was made from, under <c>hugging-face/</c>: <c>tensors.json</c> says which tensors there were and of which type,
/// so that they come back with the same names, types and bytes; <c>config.json</c> and what else was carried lie beside it as they were.
/// </summary>
internal sealed record HuggingFaceRecord(IReadOnlyList<StoredAs> Tensors)
{
    public const string Folder = "hugging-face", Unused = "unused.safetensors";
    private const string FileName = "tensors.json";

    public static string PathIn(string folder) => Path.Combine(folder, Folder, FileName);

    public static HuggingFaceRecord Of(HuggingFaceFolder folder) => new([.. folder.Meaning.OrderBy(tensor => tensor.Key, StringComparer.Ordinal)
        .Select(tensor => StoredAs.Of(tensor.Key, SafetensorsType.Of(folder.Weights.Tensors[tensor.Key].Entry.Type).Name, tensor.Value))]);

    /// <summary>What a model that never was elsewhere is stored as: each weight once, in float32.</summary>
    public static HuggingFaceRecord Of(HuggingFaceLayout layout, ModelDescription model) => new([.. layout.Holdings(model).Select(tensor => StoredAs.Of(layout.NameOf(tensor.First, model.Architecture), "F32", tensor.Holding))]);

    public static HuggingFaceRecord Read(string folder, ModelDescription model)
    {
        var path = PathIn(folder);
        var stored = Canonical.Parse<HuggingFaceRecord>(Reader.Text(path), path);
        var (known, wanted) = (stored.Tensors.SelectMany(tensor => tensor.Holding?.Weights ?? []).ToHashSet(), model.Weights().Select(weight => weight.Name).ToHashSet());
        var others = known.Except(wanted).Select(weight => $"'{weight}' is no weight of the model").Concat(wanted.Except(known).Select(weight => $"nothing holds '{weight}'"))
            .Concat(stored.Tensors.Where(tensor => tensor.Weight is not null).Where(tensor => SafetensorsType.Named(tensor.Type) is not { } type || !FloatBits.Covers(type.Type)).Select(tensor => $"'{tensor.Name}' has the type {tensor.Type}"));
        List<Problem> problems = [.. others.Select(what => new Problem(path, what, $"remove the folder {Folder} to have the model written anew"))];
        return problems.Count == 0 ? stored : throw new InputException(problems);
    }

    public void Write(string folder) => AtomicFile.WriteText(PathIn(folder), Canonical.Json(this));
}
