using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A residual around one mixer, with a norm.</summary>
public abstract record Sublayer
{
    [Description("Where the norm stands: pre (before the mixer), output (after it, inside the residual) or post (after the addition).")]
    public NormPlacement Placement { get; init; } = NormPlacement.Pre;

    /// <summary>Costs of norm, mixer and patch.</summary>
    public CostSheet Count(string name, Place place, Setting setting)
    {
        var patch = place.Architecture.Patch;
        var covered = patch is null && place.Architecture.Norm.HasKernel && !setting.Plain;
        var (norm, mixer) = Placement switch
        {
            NormPlacement.Pre => (covered, covered),
            NormPlacement.Output => (covered, covered && MixerHasKernel),
            _ => (false, false),
        };
        // Where the norm stands behind it, the mixer keeps what it saw by itself.
        var seen = Placement == NormPlacement.Output && mixer ? new Cost([], ActivationBytes: 4 * setting.Tokens * place.Shape.ModelWidth) : Cost.None;
        return new(name, seen,
        [
            new("norm", place.Architecture.Norm.Count(place.Shape, setting with { Plain = !norm })), new("mixer", CountMixer(place, setting with { Plain = !mixer })),
            .. patch is null ? Array.Empty<CostSheet>() : [new CostSheet("patch", patch.Count(place, setting))],
        ]);
    }

    public SublayerModule Build(Place place) => new(this, place, BuildMixer(place));

    /// <summary>The table that its mixer shares with those of other layers; null: none.</summary>
    public virtual Positions? Table(Place place) => null;

    /// <summary>Whether a kernel computes the mixer without its norm.</summary>
    private protected virtual bool MixerHasKernel => false;

    protected abstract Cost CountMixer(Place place, Setting setting);

    protected abstract Mixer BuildMixer(Place place);
}

/// <summary>Attention to the positions of the same stack.</summary>
[Kind("self-attention")]
public sealed record SelfAttention([property: Description("Left out: the architecture's.")] Attention? Attention = null) : Sublayer
{
    public override Positions? Table(Place place) => Choice(place).Table;

    protected override Cost CountMixer(Place place, Setting setting) => Choice(place).Count(place, setting);

    protected override Mixer BuildMixer(Place place) => Choice(place).Build(place);

    private Attention Choice(Place place) => (Attention ?? place.Architecture.Attention).At(place);
}

/// <summary>Attention to the encoder's output.</summary>
[Kind("cross-attention")]
public sealed record CrossAttention([property: Description("Left out: multi-head.")] Attention? Attention = null) : Sublayer
{
    protected override Cost CountMixer(Place place, Setting setting) => Choice(place).Count(place with { Cross = true }, setting);

    protected override Mixer BuildMixer(Place place) => Choice(place).Build(place with { Cross = true });

    private Attention Choice(Place place) => (Attention ?? new MultiHeadAttention()).At(place with { Cross = true });
}

/// <summary>A transformation of each position by itself.</summary>
[Kind("feed-forward")]
public sealed record FeedForwardSublayer([property: Description("Left out: the architecture's.")] FeedForward? FeedForward = null) : Sublayer
{
    private protected override bool MixerHasKernel => true;

    protected override Cost CountMixer(Place place, Setting setting) => Choice(place).Count(place, setting);

    protected override Mixer BuildMixer(Place place) => Choice(place).Build(place);

    private FeedForward Choice(Place place) => FeedForward ?? place.Architecture.FeedForward;
}

/// <summary>[batch, length, model width] -> the same</summary>
public sealed class SublayerModule : nn.Module<Tensor, Context, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> norm;
    private readonly nn.Module<Tensor, Tensor>? patch;
    private readonly Mixer mixer;
    private readonly Dropout dropout;
    private readonly NormPlacement placement;

    public SublayerModule(Sublayer choice, Place place, Mixer mixer) : base("sublayer")
    {
        (placement, dropout, this.mixer) = (choice.Placement, new Dropout(place.Architecture.Dropout), mixer);
        norm = place.Architecture.Norm.Build(place);
        patch = place.Architecture.Patch?.Build(place);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context) => Fused(x, context) ?? placement switch
    {
        NormPlacement.Pre => x + Dropped(Patched(mixer.forward(norm.forward(x), context))),
        NormPlacement.Output => x + Dropped(Normed(Patched((context.Pass.Fuses(x) ? mixer.FusedAlone(x, context) : null) ?? mixer.forward(x, context)), context)),
        _ => norm.forward(x + Dropped(Patched(mixer.forward(x, context)))),
    };

    private Tensor Patched(Tensor x) => patch?.forward(x) ?? x;

    private Tensor? Fused(Tensor x, Context context) => placement == NormPlacement.Pre && patch is null && norm is RowNormModule row && context.Pass.Fuses(x)
        ? mixer.Fused(x, row, () => dropout.Mask(training, x), context)
        : null;

    private Tensor Normed(Tensor x, Context context) => norm is RowNormModule row && context.Pass.Fuses(x) ? row.Fused(x) : norm.forward(x);

    private Tensor Dropped(Tensor x) => dropout.Apply(x, training);
}
