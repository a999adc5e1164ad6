using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>One causal stack over start token, inputs and targets; as a prefix language model it sees all inputs from everywhere.</summary>
[Kind("decoder-only")]
public sealed record DecoderOnly : Architecture
{
    [Description("Whether the inputs are seen from everywhere (prefix language model) or only from behind them.")]
    public bool Prefix { get; init; }

    [Description("Whether the end token of the inputs stays before the targets; without it they follow at once.")]
    public bool EndOfInputs { get; init; } = true;

    [Description("Whether a start token (0) stands before the inputs; where not, there must be inputs, and each foretells the next.")]
    public bool StartToken { get; init; } = true;

    [Description("Layers of the stack.")]
    public Stack Decoder { get; init; } = Stack.Of(new SelfAttention(), new FeedForwardSublayer());

    public override IEnumerable<(string Member, int Layers)> Depths(Shape shape) => [("decoder-layers", shape.DecoderLayers)];

    public override IEnumerable<Stack> Stacks => [Decoder];

    public override CostSheet Count(Shape shape, Setting setting)
    {
        var whole = setting with { Length = setting.InputLength + setting.TargetLength - (StartToken ? 0 : 1) };
        return Count(shape, setting, setting.TargetLength, Decoder.Count("decoder", shape.DecoderLayers, new Place(this, shape, Causal: true), whole));
    }

    public override LanguageModel Build(Shape shape, Device? device = null) =>
        new DecoderOnlyModel(this, new Place(this, shape.Checked(), Causal: true, Device: device));
}

internal sealed class DecoderOnlyModel : LanguageModel
{
    private readonly StackModule decoder;
    private readonly bool prefix, ended, starts;

    public DecoderOnlyModel(DecoderOnly choice, Place place) : base(place)
    {
        (prefix, ended, starts) = (choice.Prefix, choice.EndOfInputs, choice.StartToken);
        decoder = choice.Decoder.Build("decoder", place.Shape.DecoderLayers, place);
        RegisterComponents();
    }

    protected override Tensor Hidden(Tensor inputs, Tensor mask, Tensor targets, Pass pass)
    {
        var (tokens, real) = Prompt(inputs, mask);
        var shifted = Shifted(targets);
        var rest = shifted.narrow(1, 1, shifted.size(1) - 1);
        var counted = Counted(targets).narrow(1, 1, rest.size(1));
        var hidden = Decode(cat([tokens, rest], 1), cat([real, ones_like(rest, @bool)], 1), tokens.size(1), pass, cat([real, counted], 1));
        return hidden.narrow(1, tokens.size(1) - 1, targets.size(1));
    }

    protected override void Read(Tensor inputs, Tensor mask, Pass pass)
    {
        var (tokens, real) = starts ? Started(inputs, mask) : (inputs, mask);
        Decode(tokens, real, tokens.size(1), pass);
        if (starts) pass.Trim(inputs.size(1));
    }

    protected override Tensor Candidates(Tensor inputs, Tensor mask, Tensor candidates, Pass pass)
    {
        var (rows, count) = (inputs.size(0), candidates.size(0));
        var (tokens, real) = Prompt(inputs, mask);
        using var cache = new DecodeCache(real);
        var first = Last(Decode(tokens, real, tokens.size(1), pass, cache: cache)).unsqueeze(1).repeat_interleave(count, 0); // [row * candidate, 1, model width]
        if (candidates.size(1) == 1) return first;
        cache.Choose(arange(rows, int64, inputs.device).repeat_interleave(count));
        var rest = Shifted(candidates.repeat(rows, 1)).narrow(1, 1, candidates.size(1) - 1);
        return cat([first, Decode(rest, Seen(cache.Prompt[0], tokens.size(1) + rest.size(1)), tokens.size(1), pass, cache: cache)], 1);
    }

    public override Continuation Begin(Tensor inputs, Tensor? inputMask)
    {
        using var scope = NewDisposeScope();
        var (ids, mask) = Placed(inputs, inputMask);
        var (tokens, real) = Prompt(ids, mask);
        var prompt = tokens.size(1);
        return new CachedContinuation(tokens, [real], (next, cache) => Next(next, prompt, cache));
    }

    private Tensor Next(Tensor tokens, long prompt, DecodeCache cache)
    {
        using var pass = NewPass();
        return Predict(Last(Decode(tokens, Seen(cache.Prompt[0], cache.Position + tokens.size(1)), prompt, pass, cache: cache)));
    }

    /// <summary>Start token (if any) and inputs, without their end token where it does not stay, moved to the right end so that the targets follow at once: [batch, input + 1], and which of them are real.</summary>
    private (Tensor Tokens, Tensor Real) Prompt(Tensor inputs, Tensor mask)
    {
        var (batch, length) = (inputs.size(0), inputs.size(1));
        mask = Prompting(inputs, mask);
        var order = (mask.to(int64) * length + arange(length, int64, inputs.device)).argsort(1); // padding first, each part in order
        var (tokens, real) = ((inputs * mask).gather(1, order), mask.gather(1, order));
        if (!starts) return (tokens, real);
        var none = zeros([batch, 1], int64, inputs.device);
        // The start token (0, as padding is) stands right before the first input, so one more place from the right is real.
        return (cat([none, tokens], 1), cat([real, ones([batch, 1], @bool, inputs.device)], 1));
    }

    protected override void Check(Tensor inputs, Tensor mask)
    {
        if (!starts && !Prompting(inputs, mask).any(1).all().item<bool>()) throw new InputException("inputs", "a row holds nothing, and the model has no start token", "give each row a token");
    }

    /// <summary>The inputs that stay in front of the targets.</summary>
    private Tensor Prompting(Tensor inputs, Tensor mask) => ended ? mask : mask.logical_and(Last(inputs, mask).logical_and(inputs.eq(End)).logical_not());

    /// <summary>A start token before the inputs as they stand.</summary>
    private static (Tensor Tokens, Tensor Real) Started(Tensor inputs, Tensor mask)
    {
        var none = zeros([inputs.size(0), 1], int64, inputs.device);
        return (cat([none, inputs], 1), cat([ones_like(none, @bool), mask], 1));
    }

    /// <summary>Where the last real token of each row stands: bool [batch, input].</summary>
    private static Tensor Last(Tensor inputs, Tensor mask)
    {
        var places = arange(1, inputs.size(1) + 1, int64, inputs.device);
        return (mask.to(int64) * places).amax([1], keepdim: true).eq(places);
    }

    private static Tensor Seen(Tensor real, long length) => cat([real, ones([real.size(0), length - real.size(1)], @bool, real.device)], 1);

    private Tensor Decode(Tensor tokens, Tensor real, long prompt, Pass pass, Tensor? counted = null, DecodeCache? cache = null)
    {
        using var context = new Context(pass) { Causal = true, Prefix = prefix ? prompt : 0, KeyMask = real, TokenMask = counted, Cache = cache };
        return decoder.forward(pass.Vectors is { } vectors && starts ? cat([embedding.forward(tokens.narrow(1, 0, 1)), vectors], 1) : Look(tokens, pass), context);
    }
}
