using System.Diagnostics;
using Allometry.Costs;
using Allometry.Models;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Experiments;

/// <summary>Measures the pace of this machine in about half a second, since the first step waits for it: one large product, and steps of two small models that differ in width and depth.</summary>
public static class Calibration
{
    private const int Batch = 8, Length = 64, Vocabulary = 512;

    private const double Patience = 0.2;

    private static readonly Shape Wide = new(192, 768, 32, 6, 1, 1, Vocabulary), Deep = new(32, 128, 16, 2, 6, 6, Vocabulary);

    public static Pace Measure(int threads)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        var state = random.get_rng_state();
        var flops = 1e9 * MachinePeak.Measure(threads).GigaflopsPerSecond;
        var pace = Solve(flops, Timed(Wide, flops), Timed(Deep, flops)) with { Threads = threads };
        random.set_rng_state(state);
        return pace;
    }

    /// <summary>
    /// Two equations, seconds beyond products = traffic x a + layers x b, solved for non-negative a and b.
    /// </summary>
    private static Pace Solve(double flops, (double Beyond, double Traffic, int Layers) wide, (double Beyond, double Traffic, int Layers) deep)
    {
        var determinant = (wide.Traffic * deep.Layers) - (deep.Traffic * wide.Layers);
        var perByte = ((wide.Beyond * deep.Layers) - (deep.Beyond * wide.Layers)) / determinant;
        var perLayer = ((wide.Traffic * deep.Beyond) - (deep.Traffic * wide.Beyond)) / determinant;
        if (perByte <= 0) (perByte, perLayer) = (1e-11, deep.Beyond / deep.Layers);
        if (perLayer <= 0) (perByte, perLayer) = (wide.Beyond / wide.Traffic, 1e-6);
        // On a busy machine a model can seem as fast as its products alone: nothing moves more than 1 TB a second here.
        return new(flops, 1 / Math.Max(perByte, 1e-12), perLayer);
    }

    private static (double Beyond, double Traffic, int Layers) Timed(Shape shape, double flops)
    {
        var architecture = new EncoderDecoder();
        var sheet = architecture.Count(shape, new Setting(Batch, Length, Length));
        using var scope = NewDisposeScope();
        using var model = architecture.Build(shape);
        using var optimizer = optim.AdamW(model.parameters());
        var ids = randint(2, Vocabulary, [Batch, Length], dtype: int64);
        var seconds = Least(() => Step(model, optimizer, ids));
        var load = new Workload(sheet.Parameters, 0, 1, sheet.TrainingFlops, 0, 0, new(0, sheet.ActivationBytes, shape.EncoderLayers + shape.DecoderLayers, 0));
        return (Math.Max(0, seconds - (sheet.TrainingFlops / flops)), Pace.Traffic(load), load.Extras.Layers);
    }

    private static void Step(LanguageModel model, optim.Optimizer optimizer, Tensor ids)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        model.Loss(ids, null, ids, new LossOptions()).Sum.backward();
        optimizer.step();
    }

    /// <summary>The first of the steps compiles what they need; a busy machine gets fewer of them.</summary>
    private static double Least(Action step)
    {
        step();
        var (least, clock) = (Seconds(step), Stopwatch.StartNew());
        for (var i = 0; i < 3 && clock.Elapsed.TotalSeconds < Patience; i++) least = Math.Min(least, Seconds(step));
        return least;
    }

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
