using Allometry.Kinds;
using Allometry.Models;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>
/// Training steps of several architectures on one shape and its batch, in turn in one process. <paramref name="Spread"/>: the distance of the quartiles as a share of the median;
/// <paramref name="OverFirst"/>: the median of the rounds' ratios to the one that was named first; <paramref name="FlopsOverFirst"/>: the same of the products that are counted.
/// </summary>
public sealed record ArchitectureSpeed(string Shape, int Threads, string Architecture, long Parameters, double Ms, double Spread, double OverFirst, double FlopsOverFirst)
{
    public static IReadOnlyList<ArchitectureSpeed> Measure(BenchShape shape, IReadOnlyList<string> architectures, Optimizer optimizer, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        var shapes = architectures.Select(architecture => shape with { Architecture = Reader.Read<Architecture>(architecture, "--architecture") }).ToList();
        var contenders = new List<TrainingContender>();
        try
        {
            foreach (var one in shapes) contenders.Add(new(one, optimizer, plain: false));
            var times = new Turns([.. contenders.Select(contender => (Func<StepTimes>)contender.Step)], Race.WarmSteps).Take(rounds);
            var counted = shapes.ConvertAll(one => one.Count());
            return [.. architectures.Select((name, i) => new ArchitectureSpeed(shape.Name, threads, name, (long)counted[i].Parameters, 1e3 * times[i].Median.Total, times[i].Spread, times[i].Over(times[0]), counted[i].TrainingFlops / counted[0].TrainingFlops))];
        }
        finally
        {
            foreach (var contender in contenders) contender.Dispose();
        }
    }
}
