using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Analysis.Similarity;

/// <summary>
/// STIR by inversion: for each text vectors X' in the place of its embeddings, found by gradient descent from another text's, of which model 1 makes what it makes of the text itself.
/// Both models read vectors of model 1's table, so both must have one width. Weights stay as they are.
/// </summary>
public sealed record Inversion(
    [property: Description("Steps of Adam."), Range(1, 1_000_000)] int Steps = 400,
    [property: Description("First learning rate; it falls to zero along a cosine."), Range(1e-9, 1000.0)] double LearningRate = 0.05,
    [property: Description("Largest mean gap that remains, relative to what is to be reached; beyond it the result is not taken."), Range(0.0, 10.0)] double MostResidual = 0.02)
{
    private const int TokensPerBatch = 4096;

    /// <summary>STIR(second | first) between a layer of each (0: the embedding's output), and the mean relative gap that remained; null where it is not small or nothing is defined.</summary>
    public (double? Value, double Residual) Stir(LanguageModel first, int layer, LanguageModel second, int other, IReadOnlyList<Example> examples, CancellationToken stop = default)
    {
        if (first.Shape.ModelWidth != second.Shape.ModelWidth) throw new InputException("similarity: inversion", $"models of width {first.Shape.ModelWidth} and {second.Shape.ModelWidth} do not read the same vectors", "compare models of one width");
        using var frozen = new Frozen(first);
        using var frozenToo = new Frozen(second);
        var (seen, inverted, residuals) = (new double[examples.Count][], new double[examples.Count][], new double[examples.Count]);
        foreach (var rows in Collator.ByLength(examples, TokensPerBatch))
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of([.. rows.Select(row => examples[row])]);
            using var others = Batch.Of([.. rows.Select(row => new Example(Stretched(examples[(row + 1) % examples.Count].Inputs, examples[row].Inputs.Length), []))]);
            var (mask, text) = (batch.InputMask.to(first.Device), first.Embed(batch.Inputs));
            var target = Pooled(first.ReadVectors(text, mask)[layer], mask);
            var vectors = Inverted(first, layer, target, first.Embed(others.Inputs), mask, stop);
            using var still = no_grad();
            var gap = Gaps(Pooled(first.ReadVectors(vectors, mask)[layer], mask), target);
            foreach (var (i, row) in rows.Index())
            {
                seen[row] = Numbers(Pooled(second.ReadVectors(text, mask)[other], mask)[i]);
                inverted[row] = Numbers(Pooled(second.ReadVectors(vectors, mask)[other], mask)[i]);
                residuals[row] = gap[i].ToDouble();
            }
        }
        var residual = residuals.Average();
        return (residual <= MostResidual ? Similarity.Stir.Of(Features.Of(seen), Features.Of(inverted)) : null, residual);
    }

    private Tensor Inverted(LanguageModel model, int layer, Tensor target, Tensor start, Tensor mask, CancellationToken stop)
    {
        var vectors = new TorchSharp.Modules.Parameter(start.detach().clone(), requires_grad: true);
        using var adam = optim.Adam([vectors], LearningRate);
        for (var step = 0; step < Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            foreach (var group in adam.ParamGroups) group.LearningRate = LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / Steps));
            adam.zero_grad();
            Gaps(Pooled(model.ReadVectors(vectors, mask)[layer], mask), target).sum().backward();
            adam.step();
        }
        return vectors.detach();
    }

    /// <summary>How far each row is from where it should be, relative to that: [batch]</summary>
    private static Tensor Gaps(Tensor reached, Tensor target) => (reached - target).norm(1) / target.norm(1).clamp_min(1e-12);

    private static Tensor Pooled(Tensor states, Tensor mask) => (states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim: true).clamp_min(1);

    private static double[] Numbers(Tensor row) => row.to(float64).cpu().data<double>().ToArray();

    /// <summary>Another text's tokens, repeated or cut to a length.</summary>
    private static int[] Stretched(int[] tokens, int length) => [.. Enumerable.Range(0, length).Select(i => tokens[i % tokens.Length])];

    /// <summary>A model whose weights want no gradients and which drops nothing, until it is disposed.</summary>
    private sealed class Frozen : IDisposable
    {
        private readonly LanguageModel model;
        private readonly List<TorchSharp.Modules.Parameter> wanting;
        private readonly bool training;

        public Frozen(LanguageModel model)
        {
            (this.model, training) = (model, model.training);
            wanting = [.. model.parameters().Where(parameter => parameter.requires_grad)];
            foreach (var parameter in wanting) parameter.requires_grad = false;
            model.eval();
        }

        public void Dispose()
        {
            foreach (var parameter in wanting) parameter.requires_grad = true;
            model.train(training);
        }
    }
}
