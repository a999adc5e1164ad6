using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// The mean cross-entropy of a target token, in nats, over the first <paramref name="batches"/> batches of held-out examples; the same ones every time.
/// Examples of like length are computed together, as many as the source's batches let be at most.
/// </summary>
public sealed class Validation(BatchSource source, long batches, Func<LanguageModel, Batch, LossOptions, LossTensors> loss)
{
    private readonly Lazy<IReadOnlyList<IReadOnlyList<Example>>> groups = new(() => Grouped([.. Enumerable.Range(0, (int)batches).Select(i => source.At(i))]));

    private static readonly LossOptions Plain = new();

    /// <summary>Of what an objective makes of held-out text: the same text, hidden in the same places, for every shape and seed, so that their losses are comparable.</summary>
    public static Validation On(PretrainingText held, Objective objective, int batch, long most)
    {
        var batches = PretrainingBatches.Of(held, objective, batch, 0);
        return new(batches, Math.Clamp(batches.Count / batch, 1, most), objective.Loss);
    }

    /// <summary>Without dropout and gradients; the model is left in the mode in which it came.</summary>
    public double Loss(LanguageModel model)
    {
        using var still = new Still(model);
        var (entropy, tokens) = (0.0, 0L);
        foreach (var group in groups.Value)
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(group);
            var result = loss(model, batch, Plain);
            entropy += result.CrossEntropy.ToDouble();
            tokens += result.Tokens;
        }
        return entropy / tokens;
    }

    private static IReadOnlyList<IReadOnlyList<Example>> Grouped(IReadOnlyList<IReadOnlyList<Example>> batches)
    {
        var most = batches.Max(batch => batch.Count);
        return [.. batches.SelectMany(batch => batch).OrderBy(example => example.Inputs.Length).ThenBy(example => example.Targets.Length).Chunk(most)];
    }
}
