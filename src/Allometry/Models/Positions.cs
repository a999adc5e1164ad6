using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>How a stack knows the order of its tokens.</summary>
public abstract record Positions
{
    public abstract Cost Count(Place place);

    public abstract PositionModule Build(Place place);
}

/// <summary>The position table of one stack.</summary>
public abstract class PositionModule : nn.Module
{
    protected PositionModule() : base("positions")
    {
    }

    /// <summary>What attention adds to the scores of queries first, first + 1, ... against keys 0, 1, ...: [1, heads, query, key]; null: nothing.</summary>
    public virtual Tensor? Bias(long first, long queries, long keys) => null;

    /// <summary>Where the bias depends on distance alone: the scores of the distances 1 - queries, ..., keys - 1 of queries 0, 1, ..., [heads, queries + keys - 1]; null: it does not.</summary>
    internal virtual Tensor? Line(long queries, long keys) => null;

    /// <summary>Whether there is no bias at all.</summary>
    internal virtual bool HasBias => true;

    /// <summary>What the embeddings [batch, length, model width] become before the first layer.</summary>
    public virtual Tensor Embed(Tensor x, Context context) => x;
}

/// <summary>No positions: the order shows only through a causal mask.</summary>
[Kind("none")]
public sealed record NoPositions : Positions
{
    public override Cost Count(Place place) => Cost.None;

    public override PositionModule Build(Place place) => new NoPositionModule();
}

internal sealed class NoPositionModule : PositionModule
{
    internal override bool HasBias => false;
}

/// <summary>T5's: a score for each bucket of distances and each head, one table a stack, shared by its layers.</summary>
[Kind("relative")]
public sealed record RelativePositions : Positions
{
    [Description("Buckets of distances.")]
    public int Buckets { get; init; } = 32;

    [Description("Distances from here on share the last bucket.")]
    public int Distance { get; init; } = 128;

    [Description("Whether keys before and after the query have buckets of their own; left out: where the stack is not causal.")]
    public bool? Bidirectional { get; init; }

    public override Cost Count(Place place) => new([new Weight("weight", [Buckets, place.Shape.Heads])]);

    public override PositionModule Build(Place place) => new RelativePositionModule(this, place);
}

/// <summary>A score for each bucket of distances and each head.</summary>
public sealed class RelativePositionModule : PositionModule
{
    private readonly Parameter weight;
    private readonly RelativePositions choice;
    private readonly bool bidirectional;

    public RelativePositionModule(RelativePositions choice, Place place)
    {
        (this.choice, bidirectional) = (choice, choice.Bidirectional ?? !place.Causal);
        weight = place.Weight(new Beginning(WeightRole.PositionBias, Math.Pow(place.Shape.ModelWidth, -0.5)), choice.Buckets, place.Shape.Heads);
        RegisterComponents();
    }

    /// <summary>The scores of distances (key minus query): [heads, distance]</summary>
    public Tensor Of(IEnumerable<long> distances) =>
        weight.index_select(0, tensor(RelativeBuckets.Of(distances, choice.Buckets, choice.Distance, bidirectional), device: weight.device)).t();

    // Row q of the bias is a window of one line of distances that begins one step earlier in each further row.
    public override Tensor Bias(long first, long queries, long keys) => Line(first, queries, keys).unfold(1, keys, 1).flip(1).unsqueeze(0); // [1, head, query, key]

    internal override Tensor Line(long queries, long keys) => Line(0, queries, keys).contiguous();

    private Tensor Line(long first, long queries, long keys)
    {
        var earliest = -(first + queries - 1);
        return Of(Enumerable.Range(0, (int)(queries + keys - 1)).Select(i => earliest + i));
    }
}
