using Allometry.Experiments;
using Allometry.Kernels;
using Allometry.Objectives;
using Allometry.Training;

namespace Allometry.Tests.Experiments;

public class PeakMemoryTests
{
    [Fact]
    public void In_bfloat16_weights_are_there_once_more_in_half_the_bytes()
    {
        var stage = new PretrainStage(new SpanCorruption(), new Budget(Steps: 10));
        double Bytes(Precision precision) => (Small.Recipe([stage]) with { Precision = precision }).Expand(new Numerics(1, Precision: precision), 384, file => file).Runs[0].PeakBytes;
        Assert.Equal(2.0 * Small.Recipe([stage]).Plan().Runs[0].Workload.Parameters, Bytes(Precision.Bfloat16) - Bytes(Precision.Float32), 1.0);
    }
}
