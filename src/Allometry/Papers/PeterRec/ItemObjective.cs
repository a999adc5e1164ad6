using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Tasks.Items;
using Allometry.Text;

namespace Allometry.Papers.PeterRec;

/// <summary>What is asked of a user's last source items, as many as an input holds; users of one item or none have nothing that could be asked.</summary>
public abstract record ItemObjective(ItemDomains Domains, double HeldOut) : Objective
{
    public override bool ReadsCorpus => false;

    public override IReadOnlyList<int[]> Sequences(PretrainingText text)
    {
        var all = Domains.Read().Users.Where(user => user.Sources.Count >= 2).Select(user => text.Tokenizer.EncodePlain(string.Join(' ', user.Sources.TakeLast(text.InputLength))));
        List<int[]> chosen = [.. all.Where((_, i) => RandomStream.For(0, "held-out users", i).Uniform() < HeldOut == (text.Split != Split.Train))];
        return chosen.Count > 0 ? chosen : throw new InputException(Domains.Sequences, $"no user of the {text.Split.ToString().ToLowerInvariant()} split has met two items of the source domain", "give more users, or another held-out share");
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, Tokenizer tokenizer)
    {
        foreach (var problem in base.Problems(where, inputLength, tokenizer)) yield return problem;
        if (tokenizer is not ItemTokenizer) yield return new(where, "its tokens are items, and the vocabulary has others", "take vocabulary: { kind: items, ... }");
    }
}

/// <summary>Each item foretells the next: NextItNet's pre-training. The first stands in the inputs, all others are targets.</summary>
[Kind("next-item"), Description("Each item of a user foretells the next.")]
public sealed record NextItem(
    [Description("Whose source items.")] ItemDomains Domains,
    [Description("Share of the users whose loss is measured and who are not learnt from."), Range(0.0, 0.9)] double HeldOut = 0.02) : ItemObjective(Domains, HeldOut)
{
    public override ObjectiveLengths Lengths(int inputLength) => new(inputLength, 1, inputLength - 1, inputLength - 1, 1);

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random) => new([tokens[0]], [.. tokens[1..]]);

    public override IEnumerable<Problem> Problems(string where, Architecture architecture) =>
        architecture is DecoderOnly ? [] : [new(where, "the next item is foretold by a causal stack", "take architecture: { kind: decoder-only, ... }")];
}

/// <summary>
/// Chosen items are to be told from what stands around them (Yuan et al. 2020, arXiv 1906.04473), by BERT's <see cref="Masking"/>.
/// </summary>
[Kind("gap-filling"), Description("Items are told from what stands around them.")]
public sealed record GapFilling(
    [Description("Whose source items.")] ItemDomains Domains,
    [Description("Share of the users whose loss is measured and who are not learnt from."), Range(0.0, 0.9)] double HeldOut = 0.02,
    [property: Description("Share of a user's items that are chosen, one at least."), Range(0.0, 1.0)] double Density = 0.3) : ItemObjective(Domains, HeldOut)
{
    /// <summary>Gaps of one sequence, at most (the authors' code).</summary>
    private const int Most = 30;

    public override ObjectiveLengths Lengths(int inputLength) => new(inputLength, inputLength, inputLength, Gaps(inputLength), Gaps(inputLength));

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random) => Masking.Usual.Hide(tokens, Gaps(tokens.Length), tokenizer, random);

    public override IEnumerable<Problem> Problems(string where, Architecture architecture) =>
        architecture is EncoderOnly ? [] : [new(where, "gaps are filled by a stack that sees both sides", "take architecture: { kind: encoder-only, ... }")];

    private int Gaps(int length) => Math.Min(Most, Math.Max(1, (int)Math.Round(Density * length, MidpointRounding.ToEven)));
}
