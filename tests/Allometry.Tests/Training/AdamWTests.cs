using Allometry.Costs;
using Allometry.Native;
using static TorchSharp.torch;
using AdamW = Allometry.Training.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace Allometry.Tests.Training;

public class AdamWTests
{
    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 0.01)]
    [InlineData(0.8, 0.95, 1e-3, 0)]
    [InlineData(0, 0.99, 1e-6, 0.3)]
    public void Its_steps_are_those_of_PyTorch(double beta1, double beta2, double epsilon, double decay)
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        manual_seed(11);
        var (ours, theirs) = (new Parameter(randn(7, 3)), new Parameter(empty(7, 3)));
        using (no_grad()) theirs.copy_(ours);
        using var state = new AdamW(beta1, beta2, epsilon, decay).Build([("w", ours)]);
        using var reference = optim.AdamW([theirs], 0.02, beta1, beta2, epsilon, decay);
        for (var step = 0; step < 10; step++)
        {
            var gradient = randn(7, 3);
            (ours.grad, theirs.grad) = (gradient.clone(), gradient);
            state.Step(step, 0.02);
            reference.step();
            Assert.True((ours - theirs).abs().max().item<float>() < 2e-6, $"step {step}");
        }
    }

    [Fact]
    public void The_first_step_decays_and_goes_by_the_sign()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        // Both corrected moments are those of the one gradient: 1 - 0.1 * 0.02 * 1 - 0.1 * 0.5 / (0.5 + 0.125)
        var parameter = new Parameter(tensor(new[] { 1.0 })) { grad = tensor(new[] { 0.5 }) };
        using var state = new AdamW(Epsilon: 0.125, WeightDecay: 0.02).Build([("w", parameter)]);
        state.Step(0, 0.1);
        Assert.Equal(1 - 0.002 - 0.08, parameter[0].item<double>(), 1e-12);
    }

    [Fact]
    public void The_second_step_corrects_both_means()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        // m = 0.5 * (0.5 * 1) + 0.5 * 3 = 1.75, corrected by 0.75: 7/3; v = 0.75 * (0.25 * 1) + 0.25 * 9 = 2.4375, corrected by 0.4375: 39/7.
        var parameter = new Parameter(tensor(new[] { 0.0 }));
        using var state = new AdamW(Beta1: 0.5, Beta2: 0.75, Epsilon: 0, WeightDecay: 0).Build([("w", parameter)]);
        foreach (var (step, gradient) in new[] { 1.0, 3.0 }.Index())
        {
            parameter.grad = tensor(new[] { gradient });
            state.Step(step, 0.1);
        }
        Assert.Equal(-0.1 - 0.1 * (7.0 / 3) / Math.Sqrt(39.0 / 7), parameter[0].item<double>(), 1e-12);
    }

    [Fact]
    public void Weights_without_a_gradient_are_left_alone()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var weight = new Parameter(ones(3));
        using var state = new AdamW().Build([("w", weight)]);
        state.Step(0, 0.1);
        Assert.All(weight.data<float>().ToArray(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Its_state_is_two_numbers_a_weight() => Assert.Equal(8 * 35, new AdamW().StateBytes([new Weight("w", [7, 5])]));
}
