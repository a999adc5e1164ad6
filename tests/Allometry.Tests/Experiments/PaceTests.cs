using Allometry.Experiments;

namespace Allometry.Tests.Experiments;

public class PaceTests
{
    private static readonly Workload Load = new(Parameters: 1000, NonEmbeddingParameters: 0, Steps: 10, StepFlops: 6e9, ForwardFlops: 2e9, TokensPerStep: 1, new(0, ActivationBytes: 496_000, Layers: 4, EvaluationFlops: 6e9));

    [Fact]
    public void Seconds_are_products_and_traffic_and_layers_of_every_step_and_the_same_for_evaluations()
    {
        // A step: 6e9 / 1e9 = 6 s of products, (2 x 496,000 + 8 x 1,000) / 1e6 = 1 s of traffic, 4 x 0.25 = 1 s of layers. Evaluating does the products of one more step.
        Assert.Equal(8 * 11, new Pace(1e9, 1e6, 0.25).Seconds(Load), 9);
    }

    [Fact]
    public void What_was_seen_of_the_data_takes_the_place_of_the_longest_lengths_and_scoring_and_starting_are_added()
    {
        // A step: 3 s of products, (2 x 246,000 + 8 x 1,000) / 1e6 = 0.5 s of traffic, 2 passes x 4 x 0.25 = 2 s of layers. Evaluating 6e9 FLOPs: 6 x 5.5 / 3 = 11 s.
        // Scoring: 9e9 FLOPs are 9 s of products and 9 x 0.492 / 3 s of traffic, 30 passes of 4 layers at a third of 0.25 s are 10 s.
        var load = Load with { Extras = Load.Extras with { Seen = new(3e9, 246_000, 2, 9e9, 30) } };
        Assert.Equal(7 + (10 * 5.5) + 11 + (9 + (9 * 0.492 / 3)) + 10, new Pace(1e9, 1e6, 0.25, StartSeconds: 7).Seconds(load), 9);
    }

    [Fact]
    public void A_pace_is_found_again_from_steps_that_take_what_it_says()
    {
        var truth = new Pace(2e11, 6e9, 2e-4);
        Calibration.Found Probe(double flops, double traffic, int layers) => new((flops / truth.ProductFlops) + (traffic / truth.BytesPerSecond) + (layers * truth.LayerSeconds), flops, traffic, layers);
        var found = Calibration.Solve(truth.ProductFlops, [Probe(9e9, 1.4e8, 4), Probe(2.6e9, 6e7, 8), Probe(6e7, 6e6, 12)]);
        Assert.Equal(truth.BytesPerSecond, found.BytesPerSecond, truth.BytesPerSecond * 1e-6);
        Assert.Equal(truth.LayerSeconds, found.LayerSeconds, 1e-9);
    }

    [Fact]
    public void Where_steps_seem_faster_than_their_products_no_speed_is_negative()
    {
        var found = Calibration.Solve(1e9, [new(1, 2e9, 1e8, 4), new(0.5, 1e9, 1e7, 8), new(0.1, 1e9, 1e6, 12)]);
        Assert.True(found is { BytesPerSecond: > 0, LayerSeconds: > 0 } && double.IsFinite(found.BytesPerSecond));
    }

    [Fact]
    public void A_machine_twice_as_slow_takes_twice_as_long() => Assert.Equal(2 * new Pace(1e9, 1e6, 0.25).Seconds(Load), new Pace(0.5e9, 0.5e6, 0.5).Seconds(Load), 9);

    [Fact]
    public void It_is_kept_as_json() => Assert.Equal(new Pace(1.5e9, 2.5, 0.125), Pace.FromJson(new Pace(1.5e9, 2.5, 0.125).ToJson()));

    [Fact]
    public void Measuring_gives_positive_speeds_and_leaves_chance_as_it_was()
    {
        TorchSharp.torch.manual_seed(7);
        var expected = TorchSharp.torch.rand(1).item<float>();
        TorchSharp.torch.manual_seed(7);
        var pace = new Calibration(1).Measure();

        Assert.True(pace is { ProductFlops: > 1e9, BytesPerSecond: > 0, LayerSeconds: > 0, Measured: true }, pace.ToString());
        Assert.Equal(expected, TorchSharp.torch.rand(1).item<float>());
    }
}
