using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>
/// T5's denoising (t5/data/preprocessors.py, random_spans_helper and random_spans_noise_mask): random spans are cut out, each leaves a sentinel
/// in the inputs, and the targets are the sentinels with what they stand for. Text and noise alternate, text first.
/// </summary>
[Kind("span-corruption")]
public sealed record SpanCorruption(
    [property: Description("Share of the tokens that is hidden.")] double Density = 0.15,
    [property: Description("Mean length of a hidden span, in tokens.")] double MeanSpan = 3,
    [property: Description("Plan as T5 does: where noise and mean span round to no span, the example has one nevertheless, is a token too long on both sides, and loses its end tokens.")] bool PlansAsT5 = false) : Denoiser, IChecked
{
    /// <summary>The longest text whose corrupted form fits. Unlike T5's helper, which may plan with none (<see cref="PlansAsT5"/>), there is always at least one span.</summary>
    public override ObjectiveLengths Lengths(int inputLength)
    {
        var raw = Math.Max(2, inputLength - 1);
        while (Of(raw + 1).Inputs <= inputLength) raw++;
        var lengths = Of(raw);
        return Density == 0.5 && lengths.Targets > lengths.Inputs ? Of(raw - 1) : lengths; // T5's exception for "as long as the inputs"
    }

    /// <summary>The numbers for a text of <paramref name="raw"/> tokens. Rounding is half-to-even, as Python's and TensorFlow's.</summary>
    public ObjectiveLengths Of(int raw)
    {
        var noise = Math.Clamp((int)Math.Round(raw * Density, MidpointRounding.ToEven), 1, raw - 1);
        var spans = Math.Max(PlansAsT5 ? 0 : 1, (int)Math.Round(noise / MeanSpan, MidpointRounding.ToEven));
        spans = Math.Min(spans, Math.Min(noise, raw - noise)); // every span needs a token, and text before it (T5 does not check)
        return new ObjectiveLengths(raw, raw - noise + spans + 1, noise + spans + 1, noise, spans);
    }

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var lengths = Of(tokens.Length);
        var spans = Math.Max(1, lengths.Spans);
        var noise = Composition.Random(lengths.Noise, spans, random);
        var text = Composition.Random(lengths.Raw - lengths.Noise, spans, random);
        var (inputs, targets) = (new List<int>(lengths.Inputs), new List<int>(lengths.Targets));
        for (var i = 0; i < spans; i++)
        {
            inputs.AddRange(tokens[..text[i]]);
            inputs.Add(tokenizer.Sentinel(i));
            targets.Add(tokenizer.Sentinel(i));
            targets.AddRange(tokens.Slice(text[i], noise[i]));
            tokens = tokens[(text[i] + noise[i])..];
        }

        if (lengths.Spans == spans) return new Example([.. inputs, Tokenizer.End], [.. targets, Tokenizer.End]);
        return new Example([.. inputs], [.. targets]); // planned without a span: the end tokens are cut off
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, int sentinels)
    {
        foreach (var problem in base.Problems(where, inputLength, sentinels)) yield return problem;
        if (Check().Any() || inputLength < 3) yield break;
        var (raw, spans) = (Lengths(inputLength).Raw, Math.Max(1, Lengths(inputLength).Spans));
        if (MeanSpan >= raw) yield return new Problem(where, $"a mean span of {MeanSpan} tokens is longer than the {raw} tokens of text that fill inputs of {inputLength}", "take shorter spans or longer inputs");
        if (spans <= sentinels) yield break;
        yield return new Problem(where, $"{spans} spans in inputs of {inputLength} tokens need as many sentinels, and the vocabulary has {sentinels}", "give the vocabulary more sentinels, or take longer spans or shorter inputs");
    }

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Density is not (> 0 and <= MostHidden)) yield return (nameof(Density), $"is not above 0 and at most {MostHidden}", "T5's is 0.15");
        if (MeanSpan is not (>= 1 and < double.PositiveInfinity)) yield return (nameof(MeanSpan), "is below 1", "T5's is 3");
    }
}
