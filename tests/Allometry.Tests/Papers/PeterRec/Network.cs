using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.PeterRec;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.PeterRec;

/// <summary>A network of convolution blocks small enough for tests, causal or not.</summary>
internal static class Network
{
    /// <summary>As recipes write it.</summary>
    public static Architecture Of(bool causal, int? answers = null, Patch? patch = null)
    {
        var pattern = "{ pattern: [[{ kind: convolution-block, dilation: 1 }], [{ kind: convolution-block, dilation: 4 }]] }";
        var yaml = $"{{ kind: {(causal ? "decoder-only, start-token: false, decoder" : "encoder-only, encoder")}: {pattern}, norm: none, positions: none, tied: false, rescaled: false, initialisation: {{ kind: normal, deviation: 0.1 }} }}";
        return Reader.Read<Architecture>(yaml, "recipe.yaml") with { Answers = answers, Patch = patch };
    }

    public static Shape Shape(bool causal, int layers = 2, int vocabulary = 32) => new(8, 8, 8, 1, causal ? 0 : layers, causal ? layers : 0, vocabulary, "tiny");

    public static LanguageModel Build(bool causal, int? answers = null, Patch? patch = null, int layers = 2)
    {
        manual_seed(3);
        var model = Of(causal, answers, patch).Build(Shape(causal, layers));
        model.eval();
        return model;
    }

    /// <summary>The last states of the stack, [batch, input, 8].</summary>
    public static Tensor States(LanguageModel model, params int[][] inputs)
    {
        using var batch = Batch.Of([.. inputs.Select(row => new Example(row, [1]))]);
        return model.Read(batch.Inputs, batch.InputMask).Values.Single()[^1];
    }

    /// <summary>The scores of all answers for each row, [batch, answers].</summary>
    public static Tensor Scores(LanguageModel model, params int[][] inputs)
    {
        using var batch = Batch.Of([.. inputs.Select(row => new Example(row, [1]))]);
        return ItemScores.Of(model, batch.Inputs, batch.InputMask);
    }
}
