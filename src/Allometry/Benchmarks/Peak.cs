using Allometry.Experiments;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>
/// The memory of training, of a process that does nothing else. <paramref name="Bytes"/>: resident at the peak; <paramref name="Before"/>: resident with libtorch loaded and no model;
/// <paramref name="State"/>: weights, gradients and optimiser state.
/// </summary>
public sealed record Peak(double Bytes, double Before, double State)
{
    private const int Steps = 5;

    /// <summary>What a step itself needs: activations, buffers.</summary>
    public double Working => Bytes - Before - State;

    public static Peak Measure(BenchShape shape, Optimizer optimizer, int threads, bool plain)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        var before = Machine.PeakMemory();
        using var contender = new TrainingContender(shape, optimizer, plain);
        for (var step = 0; step < Steps; step++) contender.Step();
        return new(Machine.PeakMemory(), before, contender.StateBytes);
    }
}
