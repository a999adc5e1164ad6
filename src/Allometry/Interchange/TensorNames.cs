using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Interchange;

/// <summary>What a family at Hugging Face calls a model's weights; without a family, our own names.</summary>
public sealed class TensorNames(HuggingFaceLayout? layout, Architecture architecture)
{
    /// <summary>The name of the tensor that holds our weight.</summary>
    public string Of(string weight) => layout?.NameOf(weight, architecture) ?? weight;

    /// <summary>Tensors shaped as our weights, by our names, such as gradients: as the family would keep them, by its names. What is held together stays out unless all of it is there.</summary>
    public IEnumerable<(string Name, Tensor Value)> Keep(IReadOnlyDictionary<string, Tensor> ours)
    {
        foreach (var (weight, value) in ours)
        {
            var holding = layout?.Holds(weight, architecture) ?? new([weight]);
            if (holding.IsPlain) yield return (Of(weight), value.clone());
            else if (holding.Weights[0] == weight && holding.Weights.All(ours.ContainsKey)) yield return (Of(weight), holding.Join([.. holding.Weights.Select(name => ours[name])]));
        }
    }
}
