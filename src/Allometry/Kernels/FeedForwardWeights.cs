using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>output(f(input(.))), or output(f(gate(.)) * input(.)) where there is a gate.</summary>
/// <param name="Input">[hidden, width], and so is the gate.</param>
/// <param name="Output">[width, hidden]</param>
internal sealed record FeedForwardWeights(Tensor? Gate, Tensor Input, Tensor Output, Elementwise Function)
{
    /// <summary>Whether the function's derivative can be taken at its value, so that only that is kept.</summary>
    public bool KeepsOutput => Gate is null && Function == Elementwise.Relu;

    public int Width => (int)Input.size(1);

    public int Hidden => (int)Input.size(0);

    public int Matrices => Gate is null ? 2 : 3;

    public IEnumerable<Tensor> All => Gate is null ? [Input, Output] : [Input, Output, Gate];

    /// <summary>The same with other tensors, in the order of <see cref="All"/>.</summary>
    public FeedForwardWeights With(Tensor[] all) => this with { Input = all[0], Output = all[1], Gate = all.Length > 2 ? all[2] : null };
}
