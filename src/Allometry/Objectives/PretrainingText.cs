using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>A text to make examples of: its tokens, what made them, and how long inputs may be.</summary>
public sealed record PretrainingText(TokenFile Tokens, Tokenizer Tokenizer, int InputLength);
