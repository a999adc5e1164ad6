using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>How long to train, in one of four measures.</summary>
public sealed record Budget(
    [property: Description("Optimiser steps."), Range(1, long.MaxValue)] long? Steps = null,
    [property: Description("Tokens, inputs and targets, padding included."), Range(1, double.MaxValue)] double? Tokens = null,
    [property: Description("Floating-point operations of the training steps."), Range(1, double.MaxValue)] double? Flops = null,
    [property: Description("Tokens for each of the model's parameters, embeddings left out."), Range(double.Epsilon, double.MaxValue)] double? TokensPerParameter = null) : IChecked
{
    /// <summary>The budget in steps, to the nearest and at least one.</summary>
    public long InSteps(long tokensPerStep, double flopsPerStep, long parameters) =>
        Steps ?? Math.Max(1, (long)Math.Round((Tokens / tokensPerStep ?? Flops / flopsPerStep ?? TokensPerParameter * parameters / tokensPerStep)!.Value));

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (new[] { Steps, Tokens, Flops, TokensPerParameter }.Count(measure => measure is not null) != 1)
            yield return (null, "a budget needs exactly one measure", "give one of steps, tokens, flops and tokens-per-parameter");
    }
}
