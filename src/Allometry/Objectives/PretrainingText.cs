using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>A text to make examples of: its tokens, what made them, and how long inputs may be.</summary>
/// <param name="Tokens">Null where objectives bring data of their own.</param>
public sealed record PretrainingText(TokenFile? Tokens, Tokenizer Tokenizer, int InputLength)
{
    /// <summary>Which part of the data it is.</summary>
    public Split Split { get; init; } = Tokens?.Split ?? Split.Train;
}
