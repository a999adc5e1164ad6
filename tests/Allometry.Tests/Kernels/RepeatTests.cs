using Allometry.Models;
using Allometry.Tests.Training;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>The same work twice gives the same bits, whatever ran between.</summary>
public class RepeatTests
{
    private static readonly Shape Shape = new(24, 52, 9, 3, 2, 2, 71);

    private static readonly Dictionary<string, Optimizer> Optimizers = new() { ["AdamW"] = new AdamW(), ["Adafactor"] = new Adafactor(FactoredFrom: 8), ["Adafactor with momentum"] = new Adafactor(FactoredFrom: 8, Momentum: 0.9) };

    public static TheoryData<string, int> Cases => [.. from name in Optimizers.Keys from threads in (int[])[1, 2] select (name, threads)];

    [Theory, MemberData(nameof(Cases))]
    public void A_step_twice_gives_the_same_loss_gradients_and_weights(string optimizer, int threads) => Twice(threads, () =>
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        model.train();
        var loss = model.Loss(Ids(5, 33), null, Ids(5, 17), new(0.1, 1e-4));
        loss.Sum.backward();
        var parameters = model.named_parameters().ToList();
        byte[] gradients = [.. loss.Sum.bytes, .. loss.CrossEntropy.bytes, .. parameters.SelectMany(parameter => parameter.parameter.grad!.bytes.ToArray())];
        using var state = Optimizers[optimizer].Build(parameters);
        state.Step(0, 0.01, 0.3);
        return [.. gradients, .. parameters.SelectMany(parameter => parameter.parameter.bytes.ToArray())];
    });

    [Theory, MemberData(nameof(Cases))]
    public void Twenty_steps_twice_give_the_same_losses_and_weights(string optimizer, int threads) => Twice(threads, () =>
    {
        using var model = Model();
        var options = new TrainingOptions(Optimizers[optimizer], 0.01, new Constant(), Accumulate: 2, Clip: 1, Loss: new(0.1, 1e-4));
        using var trainer = Tiny.Trainer(model, options, steps: 20);
        return [.. trainer.Rest().SelectMany(step => (byte[])[.. BitConverter.GetBytes(step.Loss), .. BitConverter.GetBytes(step.GradientNorm)]),
            .. model.parameters().SelectMany(parameter => parameter.bytes.ToArray())];
    });

    private static void Twice(int threads, Func<byte[]> run)
    {
        using var team = new Threads(threads);
        var first = run();
        Other();
        Assert.Equal(first, run());
    }

    /// <summary>Something larger, after which scratch lies elsewhere and holds other numbers.</summary>
    private static void Other()
    {
        using var scope = NewDisposeScope();
        using var model = new EncoderDecoder().Build(new Shape(40, 90, 16, 4, 1, 1, 300));
        model.Loss(randint(2, 300, [7, 80], int64), null, randint(2, 300, [7, 60], int64), new()).Sum.backward();
    }

    private static LanguageModel Model()
    {
        manual_seed(3);
        return new EncoderDecoder { Dropout = 0.1, FeedForward = new GatedFeedForward() }.Build(Shape);
    }

    private static Tensor Ids(int batch, int length) => randint(2, Shape.Vocabulary, [batch, length], int64);
}
