namespace Allometry.Analysis.Laws;

/// <summary>A quantity that a law reads or foretells; <c>fit</c> names its column by the option <c>--SYMBOL</c>.</summary>
/// <param name="Unit">Laws know no units of their own: this is what published constants are given in.</param>
/// <param name="Columns">What a column that holds it is usually called, lower-case.</param>
public sealed record Variable(string Symbol, string Title, string Unit, params IReadOnlyList<string> Columns)
{
    public static readonly Variable Parameters = new("n", "Parameters", "parameters", "n", "parameters", "params");
    public static readonly Variable Tokens = new("d", "Tokens seen", "tokens", "d", "tokens");
    public static readonly Variable Steps = new("s", "Optimiser steps", "steps", "s", "steps", "step");
    public static readonly Variable Batch = new("b", "Batch", "tokens", "b", "batch", "batch-tokens");
    public static readonly Variable Compute = new("c", "Training compute", "FLOP", "c", "flops", "training-flops");
    public static readonly Variable Depth = new("depth", "Depth", "layers", "depth", "layers");
    public static readonly Variable Loss = new("loss", "Loss", "nats per token", "loss", "l", "validation-loss");
    public static readonly Variable Error = new("error", "Error", "share of answers", "error", "err");

    public static IReadOnlyList<Variable> All { get; } = [Parameters, Tokens, Steps, Batch, Compute, Depth, Loss, Error];
}
