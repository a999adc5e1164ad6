using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A transformation of the residual stream that keeps its shape [batch, length, model width].</summary>
public abstract class Mixer : nn.Module<Tensor, Context, Tensor>
{
    protected Mixer(string name) : base(name)
    {
    }
}
