using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.Bert;

/// <summary>
/// BERT's masked language modelling (Devlin et al. 2018, section 3.1): a share of the tokens is to be told from both sides (<see cref="Masking"/>). For an architecture with a target at each input.
/// </summary>
[Kind("masked-language-model"), Description("Tokens hidden behind a mask are told from both sides; a target at each input.")]
public sealed record MaskedLanguageModel(
    [property: Description("Share of the tokens that is to be told."), Range(0.001, 1)] double Share = 0.15,
    [property: Description("Of these, the share that stands as a mask."), Range(0, 1)] double Masked = 0.8,
    [property: Description("And the share that stands as another token."), Range(0, 1)] double Replaced = 0.1) : Denoiser, IChecked
{
    public override ObjectiveLengths Lengths(int inputLength) => new(inputLength, inputLength, inputLength, Asked(inputLength), 0);

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random) => new Masking(Masked, Replaced).Hide(tokens, Asked(tokens.Length), tokenizer, random);

    public override IEnumerable<Problem> Problems(string where, int inputLength, int sentinels)
    {
        foreach (var problem in base.Problems(where, inputLength, sentinels)) yield return problem;
        if (sentinels < 1) yield return new(where, "the vocabulary has no sentinel to mask tokens with", "give it one");
    }

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Masked + Replaced > 1) yield return (nameof(Replaced), $"{Masked} and {Replaced} are more than all", "BERT's are 0.8 and 0.1");
    }

    private int Asked(int length) => Math.Max(1, (int)Math.Round(Share * length, MidpointRounding.ToEven));
}
