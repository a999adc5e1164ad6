using Allometry.Costs;
using Allometry.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A matrix [out, in], in T5 without a bias.</summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    public Projection(Place place, long inputs, long outputs, Beginning beginning, bool biased = false) : base("projection")
    {
        weight = place.Weight(beginning, outputs, inputs);
        bias = biased ? place.Weight(new Beginning(WeightRole.Bias), outputs) : null;
        RegisterComponents();
    }

    internal Parameter Weight => weight;

    internal Parameter? Bias => bias;

    /// <summary>A weight whose deviation is its fan-in's, times a gain.</summary>
    public static Projection FanIn(Place place, long inputs, long outputs, WeightRole role, double gain = 1, bool biased = false) =>
        new(place, inputs, outputs, new Beginning(role, gain * Math.Pow(inputs, -0.5)), biased);

    /// <summary>The weights of such a module, by the name of the field that holds it.</summary>
    public static IEnumerable<Weight> Weights(string field, long inputs, long outputs, bool biased)
    {
        yield return new($"{field}.weight", [outputs, inputs]);
        if (biased) yield return new($"{field}.bias", [outputs]);
    }

    /// <summary>x [..., in] -> [..., out]</summary>
    public override Tensor forward(Tensor x) => bias is null ? Products.Linear(x, weight) : Products.Linear(x, weight) + bias;
}
