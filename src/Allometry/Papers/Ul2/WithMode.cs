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
    [property: Description("The mode: one id where the vocabulary has it as an added token, else ordinary text; \"\": nothing stands in the place that is kept, so that the same text is read as with a mode.")] string Mode,
    [property: Description("What is hidden of the text.")] Denoiser Denoiser,
    [property: Description("Tokens of the inputs that are kept for it."), Range(1, 64)] int ModeLength = 1) : Denoiser, IChecked
{
    /// <summary>Those of the denoiser, each with the mode.</summary>
    public override IReadOnlyList<ObjectivePart> Parts => [.. Denoiser.Parts.Select(part => part with { Objective = this with { Denoiser = (Denoiser)part.Objective } })];

    public override ObjectiveLengths Lengths(int inputLength)
    {
        var lengths = Denoiser.Lengths(inputLength - ModeLength);
        return lengths with { Inputs = lengths.Inputs + ModeLength, Typical = [.. lengths.Typical.Select(one => (one.Inputs + ModeLength, one.Targets))] };
    }

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var example = Denoiser.Make(tokens, tokenizer, random);
        return example with { Inputs = [.. tokenizer.Encode(Mode), .. example.Inputs] };
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer)
    {
        if (inputLength - ModeLength < 3)
        {
            yield return new Problem(where, $"inputs of {inputLength} tokens have no room for a text beside the {ModeLength} of their mode", "make input-length larger, or mode-length smaller");
            yield break;
        }

        foreach (var problem in Denoiser.Problems(where, inputLength - ModeLength, tokenizer)) yield return problem;
        if (Mode.Length == 0) yield break;
        if (tokenizer.Encode(Mode).Any(tokenizer.IsSentinel)) yield return new Problem(where, $"the mode '{Mode}' has a sentinel in it, which stands for what is hidden", "take other words for it");
        if (tokenizer.Encode(Mode).Length is var length && length >= 1 && length <= ModeLength) yield break;
        yield return new Problem(where, $"the mode '{Mode}' has {length} tokens in this vocabulary, and {ModeLength} is kept for it", $"add it to the vocabulary (added: [\"{Mode}\"]), or set mode-length to {Math.Max(1, length)}");
    }

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (HasModes(Denoiser)) yield return (nameof(Denoiser), "it has a mode of its own, and an example begins with one alone", "leave one of the two out");
    }

    /// <summary>Whether some of its examples begin with a mode already.</summary>
    internal static bool HasModes(Denoiser denoiser) => denoiser.Parts.Any(part => part.Objective is WithMode);
}
