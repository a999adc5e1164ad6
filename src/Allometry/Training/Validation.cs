using Allometry.Models;
using Allometry.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>The mean cross-entropy of a target token, in nats, over the first <paramref name="batches"/> batches of held-out examples; the same ones every time.</summary>
public sealed class Validation(BatchSource source, long batches, Func<LanguageModel, Batch, LossOptions, LossTensors> loss)
{
    private static readonly LossOptions Plain = new();

    /// <summary>Without dropout and gradients; the model is left in the mode in which it came.</summary>
    public double Loss(LanguageModel model)
    {
        using var still = new Still(model);
        var (entropy, tokens) = (0.0, 0L);
        for (var i = 0L; i < batches; i++)
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(source.At(i));
            var result = loss(model, batch, Plain);
            entropy += result.CrossEntropy.ToDouble();
            tokens += result.Tokens;
        }
        return entropy / tokens;
    }
}
