using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>What a model is run on.</summary>
/// <param name="Inputs">int64 [batch, input].</param>
/// <param name="Mask">Which of them are real, bool [batch, input].</param>
/// <param name="Labels">int64 [batch, target], <see cref="Ignored"/> where there is none; null: no targets.</param>
/// <param name="TokenTypes">The kind of each input, int64 [batch, input], for a model that tells kinds apart; null: all are 0.</param>
public sealed record TraceInputs(Tensor Inputs, Tensor Mask, Tensor? Labels, Tensor? TokenTypes = null)
{
    /// <summary>The label that takes no part in the loss.</summary>
    public const long Ignored = -100;

    private const string Ids = "input_ids", MaskName = "attention_mask", LabelsName = "labels", TypesName = "token_type_ids";

    /// <summary>
    /// The tensors <c>input_ids</c>, <c>attention_mask</c> (left out: all are real, as in the reference), <c>labels</c> and <c>token_type_ids</c> of a file; for a model of this shape.
    /// Everything that is wrong with them is told at once.
    /// </summary>
    public static TraceInputs Read(SafetensorsFile file, Shape shape)
    {
        var problems = new List<Problem>();
        void Wrong(string name, string what, string mend) => problems.Add(new(file.Path, $"tensor '{name}' {what}", mend));

        Tensor? Integers(string name, long least)
        {
            if (!file.Entries.TryGetValue(name, out var entry)) return null;
            if (entry.Shape is not [> 0, > 0] || entry.Type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16)
            {
                Wrong(name, $"is {entry.Type} [{string.Join(", ", entry.Shape)}]", "give integers [batch, length]");
                return null;
            }
            var ids = file.Read(name).to(int64);
            var outside = ids.lt(0).logical_or(ids.ge(shape.Vocabulary)).logical_and(ids.ne(least));
            if (name != TypesName && outside.any().item<bool>()) Wrong(name, $"holds {ids.masked_select(outside)[0].item<long>()}", $"ids go from 0 to {shape.Vocabulary - 1}{(least < 0 ? $", and {least} is ignored" : "")}");
            return ids;
        }

        var inputs = Integers(Ids, least: 0);
        if (!file.Entries.ContainsKey(Ids)) Wrong(Ids, "is missing", "give the inputs, integers [batch, length]");
        var labels = Integers(LabelsName, Ignored);
        if (inputs is not null && labels is not null && labels.size(0) != inputs.size(0)) Wrong(LabelsName, $"has {labels.size(0)} rows for {inputs.size(0)} of {Ids}", "give a row of labels for each");
        var types = Integers(TypesName, 0);
        foreach (var name in (string[])[MaskName, TypesName])
            if (inputs is not null && file.Entries.TryGetValue(name, out var beside) && !beside.Shape.SequenceEqual(inputs.shape)) Wrong(name, $"is [{string.Join(", ", beside.Shape)}]", $"it must be [{string.Join(", ", inputs.shape)}], as {Ids} is");
        if (problems.Count > 0) throw new InputException(problems);
        return new(inputs!, file.Entries.ContainsKey(MaskName) ? file.Read(MaskName).ne(0) : ones_like(inputs!, @bool), labels, types);
    }
}
