using Allometry.Training;

namespace Allometry.Tests.Kernels;

public class AdafactorKernelTests
{
    [Theory]
    [InlineData(1, true, 0)]
    [InlineData(16, true, 0)]
    [InlineData(128, false, 0)]
    [InlineData(1, true, 0.9)]
    [InlineData(1000, false, 0.5)]
    public void Parameters_and_state_are_those_of_library_operations(int factoredFrom, bool scaled, double momentum) =>
        OptimizerTwins.Agree(new Adafactor(FactoredFrom: factoredFrom, ScaleByParameter: scaled, Momentum: momentum));
}
