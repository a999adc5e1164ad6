using Allometry.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A matrix [out, in] without a bias, as everywhere in T5.</summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;

    public Projection(Place place, long inputs, long outputs, Beginning beginning) : base("projection")
    {
        weight = place.Weight(beginning, outputs, inputs);
        RegisterComponents();
    }

    internal Parameter Weight => weight;

    /// <summary>A weight whose deviation is its fan-in's, times a gain.</summary>
    public static Projection FanIn(Place place, long inputs, long outputs, WeightRole role, double gain = 1) =>
        new(place, inputs, outputs, new Beginning(role, gain * Math.Pow(inputs, -0.5)));

    /// <summary>x [..., in] -> [..., out]</summary>
    public override Tensor forward(Tensor x) => Products.Linear(x, weight);
}
