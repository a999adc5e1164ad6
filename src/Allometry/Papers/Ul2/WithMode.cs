using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.Ul2;

/// <summary>A denoiser whose inputs begin with a mode: inputs = [mode] ++ corrupted text ++ end. The mode is put there after the corruption, so that it is never hidden, and shortens the text.</summary>
[Kind("with-mode")]
public sealed record WithMode(
    [property: Description("The mode: one id where the vocabulary has it as an added token, else ordinary text.")] string Mode,
    [property: Description("What is hidden of the text.")] Denoiser Denoiser,
    [property: Description("Tokens of the inputs that are kept for it."), Range(1, 64)] int ModeLength = 1) : Denoiser
{
    public override ObjectiveLengths Lengths(int inputLength)
    {
        var lengths = Denoiser.Lengths(inputLength - ModeLength);
        return lengths with { Inputs = lengths.Inputs + ModeLength };
    }

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var example = Denoiser.Make(tokens, tokenizer, random);
        return example with { Inputs = [.. tokenizer.Encode(Mode), .. example.Inputs] };
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer)
    {
        foreach (var problem in Denoiser.Problems(where, inputLength - ModeLength, tokenizer)) yield return problem;
        if (tokenizer.Encode(Mode).Length is var length && length >= 1 && length <= ModeLength) yield break;
        yield return new Problem(where, $"the mode '{Mode}' has {length} tokens in this vocabulary, and {ModeLength} is kept for it", $"add it to the vocabulary (added: [\"{Mode}\"]), or set mode-length to {Math.Max(1, length)}");
    }
}
