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
    public static Validation On(PretrainingText held, Objective objective, int batch, long most, AuxiliaryModule? auxiliary = null)
    {
        var batches = PretrainingBatches.Of(held, objective, batch, 0);
        return new(batches, Math.Clamp(batches.Count / batch, 1, most), auxiliary is null ? objective.Loss : auxiliary.Loss);
    }

    /// <summary>Without dropout and gradients; the model is left in the mode in which it came.</summary>
    public double Loss(LanguageModel model) => Measure(model).Loss;

    /// <summary>The same, and the means of what else the objective measures, by name.</summary>
    public (double Loss, IReadOnlyDictionary<string, double> Measures) Measure(LanguageModel model)
    {
        using var still = new Still(model);
        var (entropy, tokens) = (0.0, 0L);
        var sums = new Dictionary<string, (double Sum, double Count)>();
        foreach (var group in groups.Value)
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(group);
            var result = loss(model, batch, Plain);
            entropy += result.CrossEntropy.ToDouble();
            tokens += result.Tokens;
            foreach (var (name, (sum, count)) in result.Measures ?? new Dictionary<string, (double, double)>())
                sums[name] = (sums.GetValueOrDefault(name).Sum + sum, sums.GetValueOrDefault(name).Count + count);
        }
        return (entropy / tokens, sums.ToDictionary(pair => pair.Key, pair => pair.Value.Sum / pair.Value.Count));
    }

    private static IReadOnlyList<IReadOnlyList<Example>> Grouped(IReadOnlyList<IReadOnlyList<Example>> batches)
    {
        var most = batches.Max(batch => batch.Count);
        return [.. batches.SelectMany(batch => batch).OrderBy(example => example.Inputs.Length).ThenBy(example => example.Targets.Length).Chunk(most)];
    }
}
