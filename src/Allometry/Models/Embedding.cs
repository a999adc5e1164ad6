using Allometry.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>The table of token embeddings; a tied model multiplies by it once more for the logits.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;

    public Embedding(Place place) : base("embedding")
    {
        weight = place.Weight(new Beginning(WeightRole.Embedding), place.Shape.Vocabulary, place.Shape.ModelWidth);
        RegisterComponents();
    }

    internal Parameter Weight => weight;

    /// <summary>int64 ids [batch, length] -> [batch, length, model width]</summary>
    public Tensor Look(Tensor ids, Pass pass) => pass.Fuses(weight) ? EmbeddingKernel.Run(ids, weight) : forward(ids);

    /// <summary>The same from library operations.</summary>
    public override Tensor forward(Tensor ids) => weight.index_select(0, ids.reshape(-1)).view(ids.size(0), ids.size(1), weight.size(1));

    /// <summary>x [..., model width] -> [..., vocabulary]</summary>
    public Tensor Logits(Tensor x) => Products.Linear(x, weight);
}
