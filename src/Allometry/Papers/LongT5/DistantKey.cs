using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.LongT5;

/// <summary>
/// How far an encoder reaches: in a text of random symbols one key stands at a random place, and every position must tell which. For an architecture with a target at each input;
/// a model that sees nothing of the key has a loss of log keys.
/// </summary>
[Kind("distant-key")]
public sealed record DistantKey(
    [property: Description("Different keys."), Range(2, 128)] int Keys = 16,
    [property: Description("Positions closer to the key are not asked."), Range(0, int.MaxValue)] int Nearest = 0,
    [property: Description("Nor are those further away."), Range(0, int.MaxValue)] int Farthest = int.MaxValue) : Denoiser
{
    public override ObjectiveLengths Lengths(int inputLength) => new(inputLength, inputLength, inputLength, inputLength, 1);

    /// <summary>Of the text only its length matters.</summary>
    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var (place, key, others) = (random.Below(tokens.Length), Tokenizer.First + random.Below(Keys), tokenizer.Pieces - Tokenizer.First - Keys);
        int[] inputs = [.. Enumerable.Range(0, tokens.Length).Select(i => i == place ? key : Tokenizer.First + Keys + random.Below(others))];
        return new(inputs, [.. Enumerable.Range(0, tokens.Length).Select(i => Math.Abs(i - place) is var away && away >= Nearest && away <= Farthest ? key : Tokenizer.Pad)]);
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer)
    {
        foreach (var problem in base.Problems(where, inputLength, tokenizer)) yield return problem;
        if (tokenizer.Pieces <= Tokenizer.First + Keys) yield return new(where, $"{Keys} keys leave no other symbol in a vocabulary of {tokenizer.Pieces}", "take fewer keys, or a larger vocabulary");
        if (Nearest > Farthest) yield return new(where, $"no position is at least {Nearest} and at most {Farthest} away", "take nearest below farthest");
    }
}
