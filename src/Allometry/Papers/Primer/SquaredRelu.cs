using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.Primer;

/// <summary>max(x, 0)^2, Primer's activation.</summary>
[Kind("squared-relu")]
public sealed record SquaredRelu : Activation
{
    public override Tensor Apply(Tensor x) => x.relu().square();

    internal override Elementwise? Kernel => Elementwise.SquaredRelu;
}
