using System.Diagnostics;
using Allometry.Costs;
using Allometry.Models;
using Allometry.Native;
using Allometry.Tasks;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Experiments;

/// <summary>
/// Measures the pace of this machine in about half a second, since the first step waits for it: one large product, and training steps of three small models: like pre-training,
/// like fine-tuning on short texts, and of many layers and few tokens. They are trained as runs are, with the same kernels and optimiser (docs/measured/time.md).
/// The first measurement in a process is the slower one: what it took beyond the later ones is what a run, whose process is new too, takes to start.
/// </summary>
public sealed class Calibration
{
    private const double Patience = 0.4;

    private const int Steps = 5;

    private static readonly Probe[] Probes =
        [new(new(128, 512, 32, 4, 2, 2, 2048), new(16, 128, 32)), new(new(96, 384, 32, 3, 4, 4, 2048), new(32, 20, 4)), new(new(32, 128, 16, 2, 6, 6, 512), new(2, 32, 16))];

    private readonly int threads;
    private IReadOnlyList<Found>? cold;

    public Calibration(int threads) => this.threads = threads;

    public Pace Measure()
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        var state = random.get_rng_state();
        var flops = 1e9 * MachinePeak.Measure(threads).GigaflopsPerSecond;
        var found = Probes.Select(probe => Timed(probe)).ToArray();
        random.set_rng_state(state);
        cold ??= found;
        return Solve(flops, found) with { Threads = threads, StartSeconds = cold.Zip(found).Sum(probe => Math.Max(0, probe.First.Elapsed - (probe.First.Steps * probe.Second.Seconds))) };
    }

    /// <summary>Seconds beyond products = traffic x a + layers x b, by least squares of the relative errors, for a and b that are not negative.</summary>
    internal static Pace Solve(double flops, IReadOnlyList<Found> found)
    {
        double Sum(Func<Found, double> left, Func<Found, double> right) => found.Sum(probe => left(probe) * right(probe) / (probe.Seconds * probe.Seconds));
        double Traffic(Found probe) => probe.Traffic;
        double Layers(Found probe) => probe.Layers;
        double Beyond(Found probe) => Math.Max(0, probe.Seconds - (probe.Flops / flops));
        var determinant = (Sum(Traffic, Traffic) * Sum(Layers, Layers)) - (Sum(Traffic, Layers) * Sum(Traffic, Layers));
        var perByte = ((Sum(Traffic, Beyond) * Sum(Layers, Layers)) - (Sum(Layers, Beyond) * Sum(Traffic, Layers))) / determinant;
        var perLayer = ((Sum(Layers, Beyond) * Sum(Traffic, Traffic)) - (Sum(Traffic, Beyond) * Sum(Traffic, Layers))) / determinant;
        if (perByte <= 0) (perByte, perLayer) = (1e-11, Sum(Layers, Beyond) / Sum(Layers, Layers));
        if (perLayer <= 0) (perByte, perLayer) = (Sum(Traffic, Beyond) / Sum(Traffic, Traffic), 1e-6);
        // On a busy machine a model can seem as fast as its products alone: nothing moves more than 1 TB a second here.
        return new(flops, 1 / Math.Max(perByte, 1e-12), Math.Max(perLayer, 1e-6));
    }

    private static Found Timed(Probe probe)
    {
        var architecture = new EncoderDecoder();
        var (sheet, clock) = (architecture.Count(probe.Shape, probe.Setting), Stopwatch.StartNew());
        using var model = architecture.Build(probe.Shape);
        using var trainer = new Trainer(model, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options), new Noise(probe), new(new Adafactor(), 0.001, new Constant()), Steps, seed: 1);
        List<double> seconds = [];
        foreach (var step in trainer.Steps())
        {
            seconds.Add(step.Seconds);
            if (seconds.Count > 2 && clock.Elapsed.TotalSeconds > Patience) break; // a busy machine gets fewer of them
        }
        var load = new Workload(sheet.Parameters, 0, 1, sheet.TrainingFlops, 0, 0, new(0, sheet.ActivationBytes, probe.Shape.EncoderLayers + probe.Shape.DecoderLayers, 0));
        return new(seconds.Min(), sheet.TrainingFlops, Pace.Traffic(load), load.Extras.Layers) { Elapsed = clock.Elapsed.TotalSeconds, Steps = seconds.Count };
    }

    private sealed record Probe(Shape Shape, Setting Setting);

    /// <param name="Seconds">Of a step.</param>
    internal sealed record Found(double Seconds, double Flops, double Traffic, int Layers)
    {
        /// <summary>Seconds of all steps and of building the model.</summary>
        public double Elapsed { get; init; }

        public int Steps { get; init; }
    }

    /// <summary>Tokens of chance: what they are makes no difference to the clock.</summary>
    private sealed class Noise(Probe probe) : BatchSource
    {
        public override IReadOnlyList<Example> At(long step)
        {
            var random = RandomStream.For(1, "calibration", step);
            int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => 2 + random.Below(probe.Shape.Vocabulary - 2))];
            return [.. Enumerable.Range(0, probe.Setting.Batch).Select(_ => new Example(Tokens(probe.Setting.InputLength), Tokens(probe.Setting.TargetLength)))];
        }
    }
}
