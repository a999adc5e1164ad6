using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Papers.Switch;

/// <summary>Experts of which each token uses one: y = p(x) E(x), E the expert with the largest probability p.</summary>
[Kind("switch"), Description("Experts of which each token uses one (Switch Transformer).")]
public sealed record SwitchFeedForward(
    [property: Description("Experts."), Range(1, 65536)] int Experts = 8,
    [property: Description("Positions that share an expert's slots, one after the other over the rows of a batch; left out, each row by itself."), Range(1, int.MaxValue)] int? Group = null,
    [property: Description("Experts that a token may ask until one has a slot (no token left behind: 4); 1 drops it where the first is full."), Range(1, 65536)] int Tries = 1,
    [property: Description("Weight of the balance loss of each layer."), Range(0, double.MaxValue)] double BalanceWeight = 0.01,
    [property: Description("Weight of the squared logarithm of the router's denominator (ST-MoE: 1e-3)."), Range(0, double.MaxValue)] double ZWeight = 0,
    [property: Description("While training the router sees each value multiplied by chance from 1 - this to 1 + this."), Range(0, 1)] double Jitter = 0.01,
    [property: Description("Dropout inside experts where the architecture has any, as while fine-tuning (the paper's is 0.4); left out, the architecture's."), Range(0, 0.999)] double? ExpertDropout = null)
    : FeedForward, IChecked
{
    [Description("What an expert is.")]
    public FeedForward Expert { get; init; } = new DenseFeedForward();

    [Description("How many tokens an expert takes.")]
    public Capacity Capacity { get; init; } = new FactorCapacity();

    public override Cost Count(Place place, Setting setting)
    {
        double width = place.Shape.ModelWidth, tokens = setting.Tokens;
        var expert = Expert.Count(Inside(place), setting);
        var router = new Weight("router.weight", [Experts, place.Shape.ModelWidth]);
        return new Cost(
            [router, .. Enumerable.Range(0, Experts).SelectMany(i => expert.Weights.Select(weight => weight with { Name = FormattableString.Invariant($"experts.{i}.{weight.Name}"), Active = 1.0 / Experts }))],
            // Every token through one expert: while training those that are dropped cost less.
            expert.ForwardFlops + 2 * tokens * width * Experts,
            expert.DecodeFlops + 2 * setting.Batch * width * Experts,
            // Beside the expert's own: what the router saw, what the experts gave before their gates, and logits and probabilities.
            expert.ActivationBytes + 4 * tokens * ((2 * width) + (2 * Experts)))
        {
            Misfits = [.. expert.Misfits, .. Misfits(Group is { } group ? Math.Min(group, tokens) : setting.Length)],
        };
    }

    public override Mixer Build(Place place) => new SwitchModule(this, place);

    public override bool AddsLosses => true;

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check()
    {
        if (Expert.AddsLosses) yield return (nameof(Expert), "an expert has experts itself, and a token would have to be routed twice", "take experts that are dense or gated");
        if (Tries > Experts) yield return (nameof(Tries), $"a token may try {Tries} of {Experts} experts", $"take at most {Experts}");
        if (Group is not { } group) yield break;
        if (group % Experts != 0) yield return (nameof(Group), $"{group} positions do not divide evenly among {Experts} experts", "take a multiple of the experts");
        if (LessThanASlot(group))
            yield return (nameof(Capacity), $"a group of {group} gives {Experts} experts less than one slot", "take larger groups, or a larger factor");
    }

    private IEnumerable<Misfit> Misfits(double positions)
    {
        if (LessThanASlot(positions)) yield return new($"{positions} tokens that share slots give {Experts} experts less than one each", "take longer texts, a larger factor, fewer experts, or a group of several texts", Always: true);
    }

    private bool LessThanASlot(double positions) => Capacity is FactorCapacity { Least: < 2 } share && positions * share.Smallest < Experts;

    /// <summary>Where an expert stands: with a dropout of its own.</summary>
    internal Place Inside(Place place) => place with { Architecture = place.Architecture with { Dropout = DropoutIn(place.Architecture) } };

    internal double DropoutIn(Architecture architecture) => architecture.Dropout > 0 ? ExpertDropout ?? architecture.Dropout : 0;
}
