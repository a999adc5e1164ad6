using System.Diagnostics;
using Allometry.Generation;
using Allometry.Models;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>
/// Tokens a second of greedy decoding, all rows of a shape's batch together, as many tokens each as its targets have: with a cache, and computing the decoder anew for
/// every token (the encoder's output is kept in both). The encoder's pass is part of the time. Medians over rounds in turn; <paramref name="Gain"/> is the median of the rounds' ratios.
/// </summary>
public sealed record DecodingSpeed(double Cached, double Recomputed, double Gain)
{
    public static DecodingSpeed Measure(BenchShape shape, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        manual_seed(0);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = shape.Architecture.Build(shape.Shape);
        model.Precision = shape.Precision;
        model.eval();
        using var batch = Tasks.Batch.Of(shape.Source().At(0));
        var decoding = new GreedyDecoding { MinNewTokens = shape.TargetLength - 1, MaxNewTokens = shape.TargetLength };
        var tokens = 0;
        StepTimes Write(bool cached)
        {
            var clock = Stopwatch.StartNew();
            var begun = model.Begin(batch.Inputs, batch.InputMask);
            using var continuation = cached ? begun : new RecomputedContinuation((CachedContinuation)begun);
            tokens = decoding.Write(continuation).Sum(written => written.Tokens.Count);
            return new() { Total = clock.Elapsed.TotalSeconds };
        }

        var times = new Turns([() => Write(cached: true), () => Write(cached: false)]).Take(rounds);
        return new(tokens / times[0].Median.Total, tokens / times[1].Median.Total, times[1].Over(times[0]));
    }
}
