using Allometry.Kernels;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>An element-wise function between two projections.</summary>
public abstract record Activation
{
    /// <summary>Any shape -> the same shape.</summary>
    public abstract Tensor Apply(Tensor x);

    /// <summary>Whether the backward pass needs the input kept; otherwise it finds all it needs in the output.</summary>
    public virtual bool KeepsInput => true;

    /// <summary>The same function for hand-written kernels; null: there is none, and the sublayer runs on library operations.</summary>
    internal virtual Elementwise? Kernel => null;
}

/// <summary>max(x, 0)</summary>
[Kind("relu")]
public sealed record Relu : Activation
{
    public override Tensor Apply(Tensor x) => x.relu();

    public override bool KeepsInput => false;

    internal override Elementwise? Kernel => Elementwise.Relu;
}

/// <summary>The Gaussian error linear unit in its tanh form, as in T5 1.1.</summary>
[Kind("gelu")]
public sealed record Gelu : Activation
{
    public override Tensor Apply(Tensor x) => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh);

    internal override Elementwise? Kernel => Elementwise.Gelu;
}

/// <summary>The Gaussian error linear unit itself, x times the share of a normal distribution below x (Hendrycks and Gimpel 2016, arXiv 1606.08415).</summary>
[Kind("exact-gelu")]
public sealed record ExactGelu : Activation
{
    public override Tensor Apply(Tensor x) => nn.functional.gelu(x);
}

/// <summary>x * sigmoid(x), also called swish.</summary>
[Kind("silu")]
public sealed record Silu : Activation
{
    public override Tensor Apply(Tensor x) => nn.functional.silu(x);

    internal override Elementwise? Kernel => Elementwise.Silu;
}
