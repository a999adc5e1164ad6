using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.LongT5;

/// <summary>Attention of each token to a window of neighbours, and to a few keys beside it. Nothing of the size length x length is ever made.</summary>
public abstract record WindowedAttention : Attention, IChecked
{
    [Description("Tokens seen on either side.")]
    public int Radius { get; init; } = 127;

    public override bool TwoSidedOnly => true;

    /// <summary>Keys beside the window in a text of this length.</summary>
    internal virtual int GlobalsOf(int length) => 0;

    /// <summary>Weights beside those of multi-head attention.</summary>
    internal virtual IEnumerable<Weight> Extra(Place place) => [];

    public override Cost Count(Place place, Setting setting)
    {
        var band = new Band(Radius, setting.Length);
        double width = place.Shape.ModelWidth, inner = place.Shape.AttentionWidth, padded = (double)setting.Batch * band.Padded;
        var globals = GlobalsOf(setting.Length);
        double sources = (double)setting.Batch * globals, windows = padded * band.Window / band.Block;
        // A kernel keeps queries, keys, values and what it found, and two numbers of each softmax; with dropout a mask for each block. By library operations every block has its window and its weights.
        // The norm stands apart from either, so that what it gives is kept too.
        var inside = setting.Plain
            ? (setting.Tokens + padded + 2 * windows + 2 * sources) * inner + place.Shape.Heads * padded * (band.Window + globals) * (place.Architecture.Dropout > 0 ? 2 : 1)
            : (4 * setting.Tokens + 2 * sources) * inner + place.Shape.Heads * (2 * setting.Tokens + (place.Architecture.Dropout > 0 ? (double)setting.Batch * band.Blocks * (band.Window + globals) : 0));
        return new Cost(
            [.. MultiHeadAttention.Weights(place.Shape), .. Extra(place)],
            ForwardFlops: (8 * setting.Tokens + 4 * sources) * width * inner + band.Flops(setting.Batch, globals, inner),
            ActivationBytes: 4 * (((setting.Plain ? 1 : 2) * setting.Tokens + 2 * sources) * width + inside))
        {
            Misfits = [.. Misfits(setting.Length)],
        };
    }

    /// <summary>Why it makes no sense in texts of a length.</summary>
    internal virtual IEnumerable<Misfit> Misfits(int length)
    {
        if (Radius >= length) yield return new($"a radius of {Radius} covers all of a text of {length} tokens", $"take a radius below {length}, longer texts, or multi-head attention");
    }

    public virtual IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Radius < 1) yield return (nameof(Radius), $"a radius of {Radius} shows no neighbour", "make it at least 1; LongT5's is 127");
    }
}

/// <summary>Queries, keys and values as in multi-head attention; scores by blocks.</summary>
internal abstract class WindowedAttentionModule : Mixer
{
    private readonly Projection query, key, value, output;
    private readonly Dropout dropout;
    private readonly int heads, width, radius;

    protected WindowedAttentionModule(WindowedAttention choice, Place place) : base("attention")
    {
        (heads, width, radius, dropout) = (place.Shape.Heads, place.Shape.HeadWidth, choice.Radius, new Dropout(place.Architecture.Dropout));
        var (model, inner) = (place.Shape.ModelWidth, place.Shape.AttentionWidth);
        query = Projection.FanIn(place, model, inner, WeightRole.Attention, gain: Math.Pow(width, -0.5));
        key = Projection.FanIn(place, model, inner, WeightRole.Attention);
        value = Projection.FanIn(place, model, inner, WeightRole.Attention);
        output = Projection.FanIn(place, inner, model, WeightRole.Attention);
    }

    public override Tensor forward(Tensor x, Context context)
    {
        var globals = Beside(x, context);
        var call = new WindowCall(query.forward(x), key.forward(x), value.forward(x), heads, Math.Min(radius, (int)x.size(1) - 1))
        {
            GlobalKey = globals is null ? null : key.forward(globals.Sources),
            GlobalValue = globals is null ? null : value.forward(globals.Sources),
        };
        var band = new Band(radius, call.Length);
        return output.forward(context.Pass.Fuses(call.Query) ? Fused(call, globals, band, context) : Plain(call, globals, band, context)); // [batch, query, model width]
    }

    /// <summary>What is there to see beside the window; null: nothing.</summary>
    protected virtual Globals? Beside(Tensor x, Context context) => null;

    private Tensor Fused(WindowCall call, Globals? globals, Band band, Context context)
    {
        Products.Executed(band.Flops(call.Batch, call.Globals, call.Inner)); // as blocks; what lies beyond the text or the radius is left out where it can be
        return WindowKernel.Run(call with
        {
            Line = context.Positions is { HasBias: true } positions ? context.Share($"line of {call.Radius}", () => Band.Line(positions, call.Radius + 1)) : null,
            KeyMask = context.KeyMask,
            Blocks = globals?.Blocks,
            GlobalLine = call.Globals == 0 ? null : context.Share($"line {globals!.Name}", () => globals.Line().contiguous()),
            Block = band.Block,
            WeightMask = dropout.Mask(training, call.Query, call.Batch * heads * band.Blocks, band.Window + call.Globals),
        });
    }

    private Tensor Plain(WindowCall call, Globals? globals, Band band, Context context)
    {
        var q = band.Queries(Heads.Split(call.Query, heads));
        var scores = Near(Products.Batched(q, band.Windows(Heads.Split(call.Key, heads))), band, context); // [batch * head * block, query, key of the window]
        if (globals is not null) scores = cat([scores, Far(q, call.GlobalKey!, globals, band, context)], 2);
        var weights = dropout.Apply(scores.softmax(-1), training);
        var mixed = Products.Batched(weights.narrow(2, 0, band.Window), band.Windows(Heads.Split(call.Value, heads)).transpose(1, 2)).view(-1, band.Padded, width);
        if (globals is not null) mixed += Products.Batched(AllQueries(weights.narrow(2, band.Window, globals.Count), band), Flat(call.GlobalValue!));
        mixed = mixed.view(-1, heads, band.Padded, width).narrow(2, 0, band.Length); // [batch, head, query, head width]
        return mixed.transpose(1, 2).reshape(call.Batch, band.Length, heads * width); // [batch, query, attention width]
    }

    private Tensor Near(Tensor scores, Band band, Context context)
    {
        var blocks = scores.view(-1, heads, band.Blocks, band.Block, band.Window);
        blocks.add_(context.Share($"band of {radius}", () => band.Bias(context.Positions, scores)));
        blocks.masked_fill_(context.Share($"text of {radius}", () => band.Unseen(context.KeyMask, scores.device)), Context.Hidden);
        return scores;
    }

    private Tensor Far(Tensor q, Tensor keys, Globals globals, Band band, Context context)
    {
        var scores = Products.Batched(AllQueries(q, band), Flat(keys).transpose(1, 2)); // [batch * head, query, global]
        if (globals.Count > 0)
            scores.view(-1, heads, band.Padded, globals.Count).add_(context.Share($"globals {globals.Name}, {band.Padded}", () => nn.functional.pad(globals.Bias(), [0, 0, 0, band.Padded - band.Length])));
        return scores.view(q.size(0), band.Block, globals.Count);
    }

    /// <summary>[batch * head * block, query, width] -> [batch * head, query, width]</summary>
    private static Tensor AllQueries(Tensor x, Band band) => x.reshape(x.size(0) / band.Blocks, band.Padded, x.size(2));

    /// <summary>[batch, global, attention width] -> [batch * head, global, head width]</summary>
    private Tensor Flat(Tensor x) => Heads.Split(x, heads).reshape(x.size(0) * heads, x.size(1), width);
}

/// <summary>Keys beside the window, each for a block of the text; a text sees its own.</summary>
/// <param name="Sources">What keys and values are made of, [batch, global, model width].</param>
/// <param name="Blocks">The block of each token, int64 [batch, length].</param>
/// <param name="Table">Bias of distances between blocks.</param>
/// <param name="Name">The same for all layers that have the same blocks and table.</param>
internal sealed record Globals(Tensor Sources, Tensor Blocks, PositionModule Table, string Name)
{
    public int Count => (int)Sources.size(1);

    /// <summary>The bias of each distance in blocks, 1 - global to global, for a token of no block is at -1: [head, 2 * global]</summary>
    public Tensor Line() => Table.Line(Count, Count + 1)!;

    /// <summary>What is added to the scores of tokens: [batch, head, length, global]</summary>
    public Tensor Bias() => TextBlocks.Bias(Line(), Blocks);
}
