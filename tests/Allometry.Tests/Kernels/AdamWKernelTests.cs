using Allometry.Training;

namespace Allometry.Tests.Kernels;

public class AdamWKernelTests
{
    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 0.01)]
    [InlineData(0.8, 0.95, 1e-3, 0)]
    [InlineData(0, 0.99, 1e-6, 0.3)]
    [InlineData(0.9, 0, 1e-8, 0.1)]
    public void Parameters_and_state_are_those_of_library_operations(double beta1, double beta2, double epsilon, double decay) =>
        OptimizerTwins.Agree(new AdamW(beta1, beta2, epsilon, decay));
}
