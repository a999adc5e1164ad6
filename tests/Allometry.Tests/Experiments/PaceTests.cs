using Allometry.Experiments;

namespace Allometry.Tests.Experiments;

public class PaceTests
{
    private static readonly Workload Load = new(Parameters: 1000, NonEmbeddingParameters: 0, Steps: 10, StepFlops: 6e9, ForwardFlops: 2e9, TokensPerStep: 1, new(0, ActivationBytes: 494_000, Layers: 4, EvaluationFlops: 6e9));

    [Fact]
    public void Seconds_are_products_and_traffic_and_layers_of_every_step_and_the_same_for_evaluations()
    {
        // A step: 6e9 / 1e9 = 6 s of products, (2 x 494,000 + 12 x 1,000) / 1e6 = 1 s of traffic, 4 x 0.25 = 1 s of layers. Evaluating does the products of one more step.
        Assert.Equal(8 * 11, new Pace(1e9, 1e6, 0.25).Seconds(Load), 9);
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
        var pace = Calibration.Measure(1);

        Assert.True(pace is { ProductFlops: > 1e9, BytesPerSecond: > 0, LayerSeconds: > 0, Measured: true }, pace.ToString());
        Assert.Equal(expected, TorchSharp.torch.rand(1).item<float>());
    }
}
