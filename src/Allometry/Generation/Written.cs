using Allometry.Models;
using Allometry.Text;

namespace Allometry.Generation;

/// <summary>What was written for one prompt: token ids, the end token included where it was written.</summary>
/// <param name="Tokens">Token ids, without the start token.</param>
/// <param name="Score">Beam search's: the sum of their log-probabilities divided by a power of their number. Null elsewhere.</param>
public sealed record Written(IReadOnlyList<long> Tokens, double? Score = null)
{
    /// <summary>Whether the end token was written, rather than the limit reached.</summary>
    public bool Ended => Tokens is [.., LanguageModel.End];

    /// <summary>The tokens before the end token.</summary>
    public IEnumerable<long> Answer => Ended ? Tokens.SkipLast(1) : Tokens;

    /// <summary>The answer as text. Rows of the embedding table beyond the vocabulary only round it up: a model that names one has said nothing known.</summary>
    public string Text(Tokenizer tokenizer) => tokenizer.Decode([.. Answer.Select(id => id < tokenizer.Size ? (int)id : Tokenizer.Unknown)]);
}
