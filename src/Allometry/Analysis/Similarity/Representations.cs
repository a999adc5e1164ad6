using System.ComponentModel;
using Allometry.Models;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Analysis.Similarity;

/// <summary>Which states of a model stand for a text.</summary>
public enum StateSource
{
    /// <summary>Those of the stack that reads it: the encoder, or the only stack.</summary>
    Reader,

    /// <summary>Those of the decoder where it writes the first token.</summary>
    Writer,
}

/// <summary>What a model makes of texts, layer by layer: layer 0 is the embedding's output, the last is after the final norm. Without dropout and gradients.</summary>
public sealed record Representations(
    [property: Description("What of a text's states stands for it.")] Pooling Pooling = Pooling.Mean,
    [property: Description("Whether padding counts as if it were text, every text being filled up to the longest.")] bool IncludePadding = false,
    [property: Description("Which states: of what reads the text, or of what writes the answer.")] StateSource Source = StateSource.Reader)
{
    private const int TokensPerBatch = 4096;

    /// <summary>The features of each layer, a row (with tokens: some rows) for each example, in the examples' order.</summary>
    public IReadOnlyList<Features> Of(LanguageModel model, IReadOnlyList<Example> examples, CancellationToken stop = default)
    {
        using var still = new Still(model);
        List<double[][]> layers = [];
        int? longest = IncludePadding ? examples.Max(example => example.Inputs.Length) : null;
        foreach (var rows in Collator.ByLength(examples, TokensPerBatch))
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of([.. rows.Select(row => examples[row])], longest);
            foreach (var (layer, states) in States(model, batch).Index())
            {
                if (layers.Count == layer) layers.Add(new double[examples.Count][]);
                using var owned = states;
                foreach (var (i, row) in rows.Index()) layers[layer][row] = Pool(states[i], batch.InputMask[i]);
            }
        }
        return [.. layers.Select(layer => Whole(layer, model.Shape.ModelWidth))];
    }

    private List<Tensor> States(LanguageModel model, Batch batch)
    {
        if (Source == StateSource.Reader) return model.Read(batch.Inputs, batch.InputMask).Values.Single();
        var states = model.HiddenStates(batch.Inputs, batch.InputMask, zeros([batch.Inputs.size(0), 1], int64));
        foreach (var state in states.Where(stack => stack.Key != "decoder").SelectMany(stack => stack.Value)) state.Dispose();
        return states["decoder"];
    }

    private double[] Pool(Tensor states, Tensor mask)
    {
        var numbers = states.to(float64).cpu().contiguous().data<double>().ToArray();
        var real = Source == StateSource.Writer ? [true] : IncludePadding ? new bool[states.size(0)].Select(_ => true).ToArray() : mask.data<bool>().ToArray();
        return Pooled.Of(Pooling, numbers, real, (int)states.size(1));
    }

    private static Features Whole(double[][] rows, int width) => new(rows.Sum(row => row.Length / width), width, [.. rows.SelectMany(row => row)]);
}
