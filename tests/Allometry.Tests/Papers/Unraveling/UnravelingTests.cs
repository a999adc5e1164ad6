using Allometry.Analysis.Laws;
using Allometry.Kinds;
using Allometry.Tests.Analysis.Laws;
using Allometry.Text;
using MathNet.Numerics.Distributions;
using Procedure = Allometry.Papers.Unraveling.Unraveling;

namespace Allometry.Tests.Papers.Unraveling;

/// <summary>Sweeps simulated from a known law must give it back, and foretell what was left out of them.</summary>
public sealed class UnravelingTests
{
    /// <summary>Kaplan's constants.</summary>
    private static readonly LossCurve Law = new(6.5e13, 0.077, 2.1e3, 0.76, new(2.1e8, 0.21));

    private const double Batch = 524288;

    private static readonly double[] Sizes = [1e6, 3e6, 8e6, 2e7, 6e7];

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void The_critical_batch_comes_back_from_noisy_curves(int seed)
    {
        var fitted = new CriticalBatch(Levels: Levels).Estimate(new CriticalBatch(Levels: Levels).Points([.. BatchSweep(0.005, seed).Select(row => row with { X = [row.X[2], row.X[1]] })])).Parameters;
        ScalingGoldens.Near(2.1e8, fitted[0], 0.2);
        ScalingGoldens.Near(0.21, fitted[1], 0.03);
    }

    [Fact]
    public void Without_noise_it_comes_back_to_a_thousandth()
    {
        var fitted = new CriticalBatch(Levels: Levels).Estimate(new CriticalBatch(Levels: Levels).Points([.. BatchSweep(0, 1).Select(row => row with { X = [row.X[2], row.X[1]] })])).Parameters;
        ScalingGoldens.Near(0.21, fitted[1], 1e-3);
    }

    [Theory]
    [InlineData(1), InlineData(2)]
    public void One_sweep_gives_all_constants_and_the_curve_of_a_larger_model(int seed)
    {
        var procedure = new Procedure(Levels: Levels);
        Observation[] sweep = [.. Converged(seed), .. Curves(seed), .. BatchSweep(0.005, seed)];
        var fit = LawFit.Of(procedure, sweep, replicates: 0);
        foreach (var (truth, found, tolerance) in new[] { 6.5e13, 0.077, 2.1e3, 0.76, 2.1e8, 0.21 }.Zip(fit.Estimate.Parameters, [0.2, 0.015, 0.02, 0.02, 0.2, 0.03])) ScalingGoldens.Near(truth, found, tolerance);
        foreach (var steps in new[] { 5e3, 1e4, 3e4, 1e5 }) ScalingGoldens.Near(Law.Loss(1e9, steps, Batch), fit.Foretell([1e9, steps, Batch]).Value, 0.003);
    }

    [Fact]
    public void Held_out_runs_of_a_larger_model_are_foretold_within_their_intervals()
    {
        Observation[] sweep = [.. Converged(5), .. Curves(5), .. BatchSweep(0.005, 5).Where((_, i) => i % 8 == 0)];
        var fit = LawFit.Of(new Procedure(), sweep, replicates: 60);
        var test = BackTest.Of("held out", fit, [.. Simulated("large", 4e8, Batch, Spaced(5e3, 1e5, 60), 0.005, 9)])!;
        Assert.InRange(test.Figures.Mare, 0, 0.01);
        Assert.InRange(test.Figures.Coverage!.Value, 0.8, 1);
        Assert.InRange(fit.Replicates.Failures, 0, 20);
    }

    [Fact]
    public void What_a_sweep_lacks_is_said()
    {
        Observation[] curves = [.. Curves(1)];
        Assert.Contains("0 sizes have a run that converged", Assert.Throws<InputException>(() => new Procedure().Estimate(curves)).Message, StringComparison.Ordinal);
        Assert.Contains("the critical batch needs 3; train one size at 6 batches", Assert.Throws<InputException>(() => new Procedure().Estimate([.. Converged(1), .. curves])).Message, StringComparison.Ordinal);
        Observation[] sweep = [.. Converged(1).Where(row => row.X[0] < 3e7), .. curves, .. BatchSweep(0.005, 1).Where(row => row.X[2] <= 65536)];
        var doubts = new Procedure().Doubts(sweep, new([], 0)).ToArray();
        Assert.Contains("The least loss rests on 4 sizes", doubts[0], StringComparison.Ordinal);
        Assert.Contains("1 of 5 sizes did not converge", doubts[1], StringComparison.Ordinal);
        Assert.Contains("rests on 5 batches", doubts[2], StringComparison.Ordinal);
    }

    private static double[] Levels => [3.7, 4.1, 4.5, 4.9, 5.3, 5.7];

    /// <summary>One size at nine batches, 2^13 to 2^21 tokens.</summary>
    private static IEnumerable<Observation> BatchSweep(double noise, int seed) => Enumerable.Range(13, 9).SelectMany(power =>
        Simulated($"batch 2^{power}", 2e7, Math.Pow(2, power), Spaced(Law.Steps(2e7, 6.5, Math.Pow(2, power)), Law.Steps(2e7, 3.6, Math.Pow(2, power)), 2000), noise, seed));

    /// <summary>Five sizes over what a study can afford.</summary>
    private static IEnumerable<Observation> Curves(int seed) => Sizes.SelectMany(size => Simulated($"curve {size}", size, Batch, Spaced(1500, 3e4, 400), 0.005, seed));

    /// <summary>The same sizes trained until nothing changes.</summary>
    private static IEnumerable<Observation> Converged(int seed) => Sizes.SelectMany(size => Simulated($"long {size}", size, Batch, Spaced(1e8, 1e9, 100), 0.001, seed));

    private static IEnumerable<Observation> Simulated(string run, double size, double batch, IEnumerable<double> steps, double noise, int seed) =>
        steps.Select((step, i) => new Observation(run, [size, step, batch], Law.Loss(size, step, batch) * Math.Exp(noise * Normal.InvCDF(0, 1, RandomStream.For(seed, run, i).Uniform() * 0.999999 + 5e-7))));

    private static IEnumerable<double> Spaced(double low, double high, int count) => Enumerable.Range(0, count).Select(i => low * Math.Pow(high / low, (double)i / (count - 1)));
}
