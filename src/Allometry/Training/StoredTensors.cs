using Allometry.Files;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>Puts saved tensors back into those of a living model or optimiser, all or none.</summary>
internal static class StoredTensors
{
    /// <summary>Every difference between a file and its targets in names, types and shapes, and what else is wrong, is one problem of an <see cref="InputException"/>.</summary>
    public static void Restore(IReadOnlyList<StoredPart> parts, params IEnumerable<Problem> others)
    {
        List<Problem> problems = [.. others, .. parts.SelectMany(part => Differences(part.File, part.Targets, part.PassesOver).Select(what => new Problem(part.Path, what, "give the checkpoint of this very model")))];
        if (problems.Count > 0) throw new InputException(problems);
        using var still = no_grad();
        foreach (var part in parts)
            foreach (var (name, target) in part.Targets) part.File.ReadInto(name, target);
    }

    private static IEnumerable<string> Differences(SafetensorsFile file, IReadOnlyDictionary<string, Tensor> targets, string? passesOver)
    {
        foreach (var (name, target) in targets)
        {
            if (!file.Entries.TryGetValue(name, out var entry)) yield return $"tensor '{name}' is missing";
            else if (!entry.Shape.SequenceEqual(target.shape) || entry.Type != target.dtype)
                yield return $"tensor '{name}' is {entry.Type} [{string.Join(", ", entry.Shape)}] instead of {target.dtype} [{string.Join(", ", target.shape)}]";
        }
        foreach (var name in file.Entries.Keys.Where(name => !targets.ContainsKey(name) && !(passesOver is not null && name.StartsWith(passesOver, StringComparison.Ordinal))))
            yield return $"tensor '{name}' does not belong there";
    }
}

/// <summary>An open file and the tensors that it must hold.</summary>
internal sealed record StoredPart(SafetensorsFile File, string Path, IReadOnlyDictionary<string, Tensor> Targets)
{
    /// <summary>What names of tensors begin with that the file may have and the targets need not; null: none.</summary>
    public string? PassesOver { get; init; }
}
