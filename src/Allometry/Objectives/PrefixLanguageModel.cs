using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>
/// Continue a text: inputs are its beginning, targets the rest. The cut is uniform among the places that leave both non-empty (T5's prefix_lm), or leaves a given share to be written;
/// with a sentinel where it is, the example is that of span corruption with one span at the end.
/// </summary>
[Kind("prefix-language-model")]
public sealed record PrefixLanguageModel(
    [property: Description("Share of the text that is to be written; left out, every cut is as likely as any other.")] double? Hidden = null,
    [property: Description("Whether a sentinel ends the inputs and begins the targets.")] bool Sentinel = false) : Denoiser, IChecked
{
    /// <summary>The longest text that fits, with the cut where <see cref="Hidden"/> puts it. Where it is anywhere, inputs and targets are at most as long as it can make them, half of what they hold together in the mean.</summary>
    public override ObjectiveLengths Lengths(int inputLength)
    {
        var beside = Sentinel ? 2 : 1;
        if (Hidden is null) return new(inputLength + 1 - beside, inputLength, inputLength, inputLength / 2, 1) { Typical = [.. Cuts(inputLength + 1 - beside).Select(cut => (cut + beside, inputLength + 1 - cut))] };
        var raw = Math.Max(2, inputLength - beside);
        while (Of(raw + 1).Inputs <= inputLength) raw++;
        return Of(raw);
    }

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var cut = Hidden is null ? 1 + random.Below(tokens.Length - 1) : tokens.Length - Noise(tokens.Length);
        int[] border = Sentinel ? [tokenizer.Sentinel(0)] : [];
        return new Example([.. tokens[..cut], .. border, Tokenizer.End], [.. border, .. tokens[cut..], Tokenizer.End]);
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, int sentinels)
    {
        foreach (var problem in base.Problems(where, inputLength, sentinels)) yield return problem;
        if (Sentinel && sentinels < 1) yield return new Problem(where, "a sentinel ends the inputs, and the vocabulary has none", "give the vocabulary a sentinel, or write sentinel: false");
    }

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Hidden is not (null or (> 0 and <= MostHidden))) yield return (nameof(Hidden), $"is not above 0 and at most {MostHidden}", "write such as 0.25, or leave it out for a cut anywhere");
    }

    /// <summary>The middles of eighths of all places.</summary>
    private static IEnumerable<int> Cuts(int raw) => Enumerable.Range(0, 8).Select(eighth => 1 + (((2 * eighth) + 1) * (raw - 1) / 16));

    private ObjectiveLengths Of(int raw) => new(raw, raw - Noise(raw) + (Sentinel ? 2 : 1), Noise(raw) + (Sentinel ? 2 : 1), Noise(raw), 1);

    // Rounded half to even, as span corruption does.
    private int Noise(int raw) => Math.Clamp((int)Math.Round(raw * Hidden!.Value, MidpointRounding.ToEven), 1, raw - 1);
}
