namespace Allometry.Costs;

/// <summary>The lengths, in tokens, at which a model is counted.</summary>
public sealed record Setting(int Batch = 1, int InputLength = 512, int TargetLength = 114)
{
    /// <summary>Positions that the piece computes, a row; the stack that counts sets it.</summary>
    public int Length { get; init; } = InputLength;

    /// <summary>Encoder positions that cross-attention sees, a row.</summary>
    public int Memory { get; init; } = InputLength;

    /// <summary>Target positions, a row, whose logits are computed where a loss does not ask for all of them.</summary>
    public int? Predictions { get; init; }

    /// <summary>Whether library operations compute it even where there is a hand-written kernel: they keep more for the backward pass.</summary>
    public bool Plain { get; init; }

    /// <summary>Whether the backward pass computes each layer once more.</summary>
    public bool Recompute { get; init; }

    /// <summary>All positions that the piece computes.</summary>
    public double Tokens => (double)Batch * Length;
}
