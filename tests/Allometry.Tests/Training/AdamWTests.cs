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
