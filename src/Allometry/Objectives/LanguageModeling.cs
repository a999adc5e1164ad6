using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>
/// Predict a text from its first token on. The inputs are one end token: a decoder-only model reads it as "a text begins here", and an encoder
/// has something to attend to (as in T5's comparison, which trains encoder-decoders on this objective too).
/// </summary>
[Kind("language-model")]
public sealed record LanguageModeling : Denoiser
{
    /// <summary>The input length is the length of the text with its end token, which here are the targets.</summary>
    public override ObjectiveLengths Lengths(int inputLength) => new(inputLength - 1, 1, inputLength, inputLength - 1, 1);

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random) =>
        new([Tokenizer.End], [.. tokens, Tokenizer.End]);
}
