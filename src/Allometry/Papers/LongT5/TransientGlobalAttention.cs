using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.LongT5;

/// <summary>
/// Local attention to whose keys each layer adds one for each block of the text: the normed sum of the block's tokens, made anew in each layer and then forgotten. The globals ask nothing themselves.
/// </summary>
[Kind("transient-global")]
public sealed record TransientGlobalAttention : WindowedAttention
{
    [Description("Tokens that a global stands for; what is left over at the end joins the last block.")]
    public int BlockSize { get; init; } = 16;

    [Description("Buckets of distances between blocks.")]
    public int Buckets { get; init; } = 32;

    [Description("Distances, in blocks, from here on share the last bucket.")]
    public int Distance { get; init; } = 128;

    public override bool PaddedBehind => true;

    public override Positions? Table => new RelativePositions { Buckets = Buckets, Distance = Distance, Bidirectional = true };

    internal override int GlobalsOf(int length) => length / BlockSize;

    internal override IEnumerable<Weight> Extra(Place place) =>
        place.Architecture.Norm.Count(place.Shape, new Setting()).Weights.Select(weight => weight with { Name = $"norm.{weight.Name}" });

    internal override IEnumerable<Misfit> Misfits(int length) => BlockSize <= length
        ? base.Misfits(length)
        : base.Misfits(length).Append(new($"a block of {BlockSize} tokens is longer than a text of {length}, which then has no global", $"take a block-size of at most {length}, or longer texts"));

    public override Mixer Build(Place place) => new TransientGlobalAttentionModule(this, place);

    public override IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        foreach (var breach in base.Check()) yield return breach;
        if (BlockSize < 1) yield return (nameof(BlockSize), $"a block of {BlockSize} tokens holds none", "make it at least 1; LongT5's is 16");
        if (Buckets < 4) yield return (nameof(Buckets), $"'buckets' is {Buckets}", "the rule needs at least 4 buckets");
        if (Distance <= Buckets / 2) yield return (nameof(Distance), $"'distance' is {Distance} with {Buckets} buckets", $"the rule needs more than {Buckets / 2}");
    }
}

internal sealed class TransientGlobalAttentionModule : WindowedAttentionModule
{
    private readonly nn.Module<Tensor, Tensor> norm;
    private readonly TransientGlobalAttention choice;

    public TransientGlobalAttentionModule(TransientGlobalAttention choice, Place place) : base(choice, place)
    {
        (this.choice, norm) = (choice, place.Architecture.Norm.Build(place));
        RegisterComponents();
    }

    protected override Globals? Beside(Tensor x, Context context)
    {
        var (count, size) = (choice.GlobalsOf((int)x.size(1)), choice.BlockSize);
        var blocks = context.Share($"blocks of {size}", () => TextBlocks.Of(context.KeyMask ?? ones(x.size(0), x.size(1), dtype: @bool, device: x.device), size));
        return new(norm.forward(TextBlocks.Sums(x, blocks, count)), blocks, context.Tables[choice.Table!], $"of {size}, {choice.Buckets}, {choice.Distance}");
    }
}
