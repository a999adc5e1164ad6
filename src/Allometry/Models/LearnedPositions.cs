using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>
/// A learned vector for each place in the text, added to the embeddings: of BERT (Devlin et al. 2019, arXiv 1810.04805) and GPT-2. Places are counted over real tokens,
/// so that padding, wherever it stands, changes no state of theirs.
/// </summary>
[Kind("learned")]
public sealed record LearnedPositions : Positions
{
    [Description("Places that have a vector; no text may be longer."), Range(1, 1 << 20)]
    public int Length { get; init; } = 512;

    [Description("Kinds of tokens that have a vector too, such as first and second sentence; 0: there are none."), Range(0, 1024)]
    public int Types { get; init; }

    [Description("Whether the sum is normed before the first layer.")]
    public bool Normed { get; init; }

    public override Cost Count(Place place)
    {
        var norm = Normed ? place.Architecture.Norm.Count(place.Shape, new Setting()).Weights : [];
        return new([.. Tables(place.Shape), .. norm.Select(weight => weight with { Name = $"norm.{weight.Name}" })]);
    }

    public override PositionModule Build(Place place) => new LearnedPositionModule(this, place);

    private IEnumerable<Weight> Tables(Shape shape)
    {
        yield return new("weight", [Length, shape.ModelWidth], Embedding: true);
        if (Types > 0) yield return new("types", [Types, shape.ModelWidth], Embedding: true);
    }
}

internal sealed class LearnedPositionModule : PositionModule
{
    private readonly Parameter weight;
    private readonly Parameter? types;
    private readonly nn.Module<Tensor, Tensor>? norm;

    public LearnedPositionModule(LearnedPositions choice, Place place)
    {
        weight = place.Weight(new Beginning(WeightRole.Embedding), choice.Length, place.Shape.ModelWidth);
        types = choice.Types > 0 ? place.Weight(new Beginning(WeightRole.Embedding), choice.Types, place.Shape.ModelWidth) : null;
        norm = choice.Normed ? place.Architecture.Norm.Build(place) : null;
        RegisterComponents();
    }

    internal override bool HasBias => false;

    public override Tensor Embed(Tensor x, Context context)
    {
        var sum = x + Rows(weight, Places(x, context));
        if (types is not null) sum += Rows(types, Types(x, context));
        return norm?.forward(sum) ?? sum;
    }

    /// <summary>The place of each token, int64 [batch or 1, length]: how many real ones stand before it.</summary>
    private Tensor Places(Tensor x, Context context)
    {
        var (length, whole) = (x.size(1), context.Offset + x.size(1));
        if (whole > weight.size(0)) throw new InputException("text", $"it has {whole} tokens, and there are positions for {weight.size(0)}", "give shorter texts, or a model with more positions");
        return context.KeyMask is { } real ? (real.to(int64).cumsum(1) - 1).clamp_min(0).narrow(1, context.Offset, length) : arange(context.Offset, whole, int64, x.device).unsqueeze(0);
    }

    private Tensor Types(Tensor x, Context context)
    {
        if (context.Pass.TokenTypes is not { } given) return zeros([1, 1], int64, x.device);
        if (given.min().item<long>() < 0 || given.max().item<long>() >= types!.size(0)) throw new InputException("token types", $"there are types 0 to {types!.size(0) - 1}", "give the types that the model has");
        return given.to(x.device);
    }

    private static Tensor Rows(Tensor table, Tensor numbers) => table.index_select(0, numbers.reshape(-1)).view(numbers.size(0), numbers.size(1), -1);
}
