using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>Continue a text: inputs are its beginning, targets the rest; the cut is uniform among the places that leave both non-empty (T5's prefix_lm). No sentinel.</summary>
[Kind("prefix-language-model")]
public sealed record PrefixLanguageModel : Denoiser
{
    /// <summary>Inputs and targets are as long as the cut can make them; an example's two sides together always hold raw + 2 tokens.</summary>
    public override ObjectiveLengths Lengths(int inputLength) => new(inputLength, inputLength, inputLength, inputLength / 2, 1);

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var cut = 1 + random.Below(tokens.Length - 1);
        return new Example([.. tokens[..cut], Tokenizer.End], [.. tokens[cut..], Tokenizer.End]);
    }
}
