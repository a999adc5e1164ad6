using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;
using Allometry.Training;
using CsCheck;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

/// <summary>A model and texts so small that a step takes milliseconds.</summary>
internal static class Tiny
{
    public static readonly Shape Shape = new(16, 32, 4, 2, 1, 1, 64, "tiny-test");

    public static LanguageModel Model(double dropout = 0, long seed = 7, Shape? shape = null)
    {
        manual_seed(seed);
        return new EncoderDecoder { Dropout = dropout }.Build(shape ?? Shape);
    }

    public static Trainer Trainer(LanguageModel model, TrainingOptions options, long steps = 8, long seed = 1, BatchSource? source = null) =>
        new(model, Loss, source ?? new RandomExamples(6), options, steps, seed);

    public static LossTensors Loss(LanguageModel model, Batch batch, LossOptions options) => model.Loss(batch.Inputs, batch.InputMask, batch.Targets, options);

    /// <summary>The remaining steps.</summary>
    public static IEnumerable<TrainingStep> Rest(this Trainer trainer) => trainer.Steps(TestContext.Current.CancellationToken);

    /// <summary>Every value of every parameter, in order.</summary>
    public static float[] Values(LanguageModel model) => [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];

    public static double Distance(IEnumerable<float> one, IEnumerable<float> other) => Math.Sqrt(one.Zip(other).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2)));

    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}

/// <summary>Examples of uneven length, a function of the step alone.</summary>
internal sealed class RandomExamples(int batch) : BatchSource
{
    public override IReadOnlyList<Example> At(long step) =>
        [.. Enumerable.Range(0, batch).Select(i => RandomStream.For(5, "examples", (step * batch) + i)).Select(random => new Example(Text(random, 9), Text(random, 6)))];

    private static int[] Text(RandomStream random, int longest) => [.. Enumerable.Range(0, 1 + (int)random.Below(longest)).Select(_ => 3 + (int)random.Below(60)), 1];
}

/// <summary>The same examples as another source, a few at a time.</summary>
internal sealed class Portions(IReadOnlyList<Example> examples, int batch) : BatchSource
{
    public override IReadOnlyList<Example> At(long step) => [.. examples.Skip((int)step * batch).Take(batch)];
}
