using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

/// <summary>Small models, and whether two compute the same.</summary>
internal static class Grown
{
    public static LanguageModel Model(string architecture, Shape shape, long seed)
    {
        manual_seed(seed);
        return Reader.Read<Architecture>(architecture, "test").Build(shape);
    }

    /// <summary>The same model in double precision, from library operations.</summary>
    public static LanguageModel Exact(LanguageModel model)
    {
        model.Plain = true;
        model.to(float64);
        return model;
    }

    /// <summary>Weights as after some training: no gain is 1, no bias 0 and no table symmetric.</summary>
    public static void Stir(LanguageModel model)
    {
        using var still = no_grad();
        foreach (var parameter in model.parameters()) parameter.mul_(rand_like(parameter).add_(0.75)).add_(rand_like(parameter).sub_(0.5).mul_(0.02));
    }

    public static GrowthSite Site(LanguageModel small, LanguageModel large) => new(small, large, new RandomExamples(6), Tiny.Loss, 1);

    /// <summary>Of the same texts, without dropout.</summary>
    public static Tensor Logits(LanguageModel model)
    {
        model.eval();
        using var batch = Batch.Of(new RandomExamples(6).At(0).Select(example => new Example(example.Inputs, example.Inputs)).ToList());
        return model.Logits(batch.Inputs, batch.InputMask, batch.Targets);
    }

    /// <summary>The largest difference of their logits, as a share of the largest logit where that is more than 1.</summary>
    public static double Distance(LanguageModel one, LanguageModel other)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var (expected, actual) = (Logits(one), Logits(other));
        return (expected - actual).abs().max().ToDouble() / Math.Max(1, expected.abs().max().ToDouble());
    }

    /// <summary>Every number of a model, by name.</summary>
    public static Dictionary<string, double[]> Weights(LanguageModel model) => model.state_dict().ToDictionary(weight => weight.Key, weight => weight.Value.to(float64).flatten().data<double>().ToArray());
}
