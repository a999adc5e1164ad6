using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.MetroT0;

/// <summary>
/// METRO-T0's pre-training (Gong et al. 2023, arXiv 2305.12567): an auxiliary encoder replaces masked tokens by plausible ones; the main encoder tells which were replaced, the decoder
/// writes the original text. An example's inputs are the text with masks, its marked places are the masked ones, its targets the text.
/// </summary>
[Kind("metro")]
public sealed record Metro(
    [property: Description("Share of the tokens that is masked.")] double Density = 0.15,
    [property: Description("What the decoder writes, and what its loss counts.")] CorrectiveTarget Target = CorrectiveTarget.Lm,
    [property: Description("What tells replaced tokens from others: one projection (simple), or two with ReLU and norm between (roberta).")] DetectionHead DetectionHead = DetectionHead.Roberta,
    [property: Description("Mean length of stretches that are masked together; 1 masks tokens one by one."), Range(1.0, 1000)] double MeanSpan = 1,
    [property: Description("Layers of the auxiliary encoder; where left out, of the main encoder's a third up to 12, and 2 more than a sixth above."), Range(1, 1000)] int? GeneratorLayers = null) : Objective, IChecked
{
    [Description("Weight of the auxiliary encoder's loss."), Range(0.0, 1e6)]
    public double GeneratorWeight { get; init; } = 1;

    [Description("Weight of the decoder's loss."), Range(0.0, 1e6)]
    public double CorrectiveWeight { get; init; } = 1;

    [Description("Weight of replaced-token detection."), Range(0.0, 1e6)]
    public double DetectionWeight { get; init; } = 50;

    [Description("How each token of the decoder's loss is weighted: all alike (none), by how likely the encoder thinks it was replaced (replaced), or that over its mean (normalized).")]
    public TokenWeights TokenWeights { get; init; } = TokenWeights.None;

    [Description("Leave the end token out of masking and of detection.")]
    public bool ExcludeSpecial { get; init; }

    /// <summary>The end token is part of the text here: it is masked and predicted as any other.</summary>
    public override ObjectiveLengths Lengths(int inputLength)
    {
        var noise = Math.Max(1, (int)Math.Round(inputLength * Density, MidpointRounding.ToEven));
        return new(inputLength - 1, inputLength, Target == CorrectiveTarget.Alone ? (int)Math.Ceiling(inputLength * Density) + 1 : inputLength, noise, noise);
    }

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        int[] text = [.. tokens, Tokenizer.End];
        var places = Places(ExcludeSpecial ? text.Length - 1 : text.Length, random);
        int[] shown = [.. text];
        foreach (var place in places) shown[place] = Masking.Usual.Shown(text[place], tokenizer, random);
        return new(shown, text) { Marked = places };
    }

    public override AuxiliaryModule Build(LanguageModel model, Tokenizer tokenizer) => new MetroModule(this, model, tokenizer.Pieces);

    public override bool TrainsMore => true;

    public override LossTensors Loss(LanguageModel model, Batch batch, LossOptions options) => throw new InvalidOperationException("METRO's loss needs its auxiliary encoder: ask what Build gives.");

    public override CostSheet Count(Architecture architecture, Shape shape, Setting setting)
    {
        var asked = (int)Math.Max(1, Math.Round(setting.InputLength * Density, MidpointRounding.ToEven));
        var main = architecture.Count(shape, setting with { Predictions = Target == CorrectiveTarget.All ? null : Target == CorrectiveTarget.Alone ? asked + 1 : asked });
        return new("training", Cost.None, [main, MetroModule.Count(this, architecture, shape, setting, asked)]);
    }

    public override IEnumerable<Problem> Problems(string where, Architecture architecture)
    {
        if (architecture is not EncoderDecoder) yield return new(where, "METRO corrects in a decoder what an encoder has read", "take an encoder-decoder architecture");
        if (!architecture.Tied) yield return new(where, "METRO's auxiliary encoder, encoder, decoder and logits share one table", "take a tied architecture, such as t5-1.0, or write tied: true");
    }

    public override IEnumerable<Problem> Problems(string where, int inputLength, int sentinels)
    {
        foreach (var problem in base.Problems(where, inputLength, sentinels)) yield return problem;
        if (MeanSpan >= inputLength - 1) yield return new(where, $"a mean span of {MeanSpan} tokens is longer than the {inputLength - 1} tokens of text that fill inputs of {inputLength}", "take shorter spans or longer inputs");
        if (sentinels < 1) yield return new(where, "the first sentinel is the mask, and the vocabulary has none", "give the vocabulary a sentinel");
    }

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (TokenWeights != TokenWeights.None && Target == CorrectiveTarget.Alone)
            yield return (nameof(TokenWeights), "weights tokens by their places in the encoder, and masked tokens alone have none there", "leave it out, or take another target");
        if (Density is not (> 0 and < 1)) yield return (nameof(Density), "is not between 0 and 1", "METRO's is 0.15");
    }

    /// <summary>4 of 12 and 6 of 24, as published; of fewer than 12 a third.</summary>
    internal int Layers(Shape shape) => GeneratorLayers ?? Math.Max(1, (int)Math.Round(Math.Min(shape.EncoderLayers / 3.0, 2 + (shape.EncoderLayers / 6.0))));

    /// <summary>floor(density x length + u) places, u uniform in [0, 1), each set of them (or each arrangement of stretches) as likely as any other.</summary>
    private int[] Places(int length, RandomStream random)
    {
        var count = Math.Clamp((int)Math.Floor((Density * length) + random.Uniform()), 1, length);
        var spans = Math.Max(1, (int)Math.Round(count / MeanSpan, MidpointRounding.ToEven));
        if (MeanSpan == 1 || length - count < 1) return [.. random.Permutation(length).Take(count).Order()];
        spans = Math.Min(spans, length - count + 1);
        var (hidden, gaps) = (Composition.Random(count, spans, random), Composition.Random(length - count + 2, spans + 1, random)); // the first and the last gap may be empty
        var places = new List<int>(count);
        for (var (i, at) = (0, gaps[0] - 1); i < spans; at += hidden[i] + gaps[i + 1], i++) places.AddRange(Enumerable.Range(at, hidden[i]));
        return [.. places];
    }
}

/// <summary>What the decoder writes, and what its loss counts (masked_positions_only of the released code).</summary>
public enum CorrectiveTarget
{
    /// <summary>The whole text, all of which counts (none).</summary>
    All,

    /// <summary>The whole text, of which the masked places count; detection counts everywhere (lm).</summary>
    Lm,

    /// <summary>The whole text; of decoder and detection the masked places count (both).</summary>
    Both,

    /// <summary>The masked tokens alone, one after the other, and an end.</summary>
    Alone,
}

/// <summary>What tells replaced tokens from others.</summary>
public enum DetectionHead
{
    /// <summary>One projection.</summary>
    Simple,

    /// <summary>Two projections with ReLU and a norm between.</summary>
    Roberta,
}

/// <summary>How the tokens of the decoder's loss are weighted.</summary>
public enum TokenWeights
{
    /// <summary>All alike.</summary>
    None,

    /// <summary>By the encoder's probability that the token was replaced.</summary>
    Replaced,

    /// <summary>By that over its mean.</summary>
    Normalized,
}
