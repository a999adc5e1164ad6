using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Papers.Switch;

/// <summary>How many tokens of a group an expert takes; those beyond pass through the residual alone.</summary>
public abstract record Capacity
{
    /// <summary>Whether padding is routed too and takes slots.</summary>
    public abstract bool RoutesPadding { get; }

    /// <summary>Whether it holds too while a model reads what it then writes an answer to.</summary>
    public abstract bool HoldsForPrompts { get; }

    /// <summary>Slots of each expert for a group of so many positions, of which <paramref name="tokens"/> are routed.</summary>
    public abstract int Slots(int tokens, int positions, int experts, bool training);
}

/// <summary>Mesh TensorFlow's: max(min(group, floor(tokens x factor / experts)), least), where tokens are those that are no padding.</summary>
[Kind("factor"), Description("So many times an even share of the tokens that are no padding, rounded down.")]
public sealed record FactorCapacity(
    [property: Description("Slots relative to an even split, while training."), Range(1e-6, 1e6)] double Factor = 1.25,
    [property: Description("The same while not training (the paper's is 2); left out, no token is dropped."), Range(1e-6, 1e6)] double? Evaluation = null,
    [property: Description("Slots that an expert has at least."), Range(1, int.MaxValue)] int Least = 4) : Capacity
{
    public override bool RoutesPadding => false;

    public override bool HoldsForPrompts => false;

    /// <summary>The smallest share that it ever gives.</summary>
    internal double Smallest => Math.Min(Factor, Evaluation ?? Factor);

    public override int Slots(int tokens, int positions, int experts, bool training) => (training ? Factor : Evaluation) is { } factor
        ? (int)Math.Max(Math.Min(positions, Math.Floor(tokens * factor / experts)), Least)
        : int.MaxValue;
}

/// <summary>Hugging Face's: the same number for every group, and padding is routed.</summary>
[Kind("slots"), Description("A fixed number, as at Hugging Face; padding is routed and takes slots.")]
public sealed record FixedCapacity([property: Description("Slots of each expert in a group."), Range(1, int.MaxValue)] int Each = 64) : Capacity
{
    public override bool RoutesPadding => true;

    public override bool HoldsForPrompts => true;

    public override int Slots(int tokens, int positions, int experts, bool training) => Each;
}
