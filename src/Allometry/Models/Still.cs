using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A model without dropout and gradients; disposing puts it back into the mode in which it came.</summary>
public sealed class Still : IDisposable
{
    private readonly nn.Module model;
    private readonly bool training;
    private readonly IDisposable gradients = no_grad();

    public Still(nn.Module model)
    {
        (this.model, training) = (model, model.training);
        model.eval();
    }

    public void Dispose()
    {
        model.train(training);
        gradients.Dispose();
    }
}
