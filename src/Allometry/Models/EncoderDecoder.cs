using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>T5's form: an encoder that sees all inputs and a causal decoder that looks at its output.</summary>
[Kind("encoder-decoder")]
public sealed record EncoderDecoder : Architecture
{
    [Description("Layers of the encoder.")]
    public Stack Encoder { get; init; } = Stack.Of(new SelfAttention(), new FeedForwardSublayer());

    [Description("Layers of the decoder.")]
    public Stack Decoder { get; init; } = Stack.Of(new SelfAttention(), new CrossAttention(), new FeedForwardSublayer());

    public override IEnumerable<(string Member, int Layers)> Depths(Shape shape) => [("encoder-layers", shape.EncoderLayers), ("decoder-layers", shape.DecoderLayers)];

    public override IEnumerable<Stack> Stacks => [Encoder, Decoder];

    public override CostSheet Count(Shape shape, Setting setting)
    {
        var place = new Place(this, shape);
        var encoder = Encoder.Count("encoder", shape.EncoderLayers, place, setting with { Length = setting.InputLength });
        var decoder = Decoder.Count("decoder", shape.DecoderLayers, place with { Causal = true }, setting with { Length = setting.TargetLength, Memory = setting.InputLength });
        // The encoder does nothing while decoding; its output is kept for cross-attention.
        encoder = encoder.Select(cost => cost with { DecodeFlops = 0 });
        encoder = encoder with { Own = encoder.Own with { ActivationBytes = 4.0 * setting.Batch * setting.InputLength * shape.ModelWidth } };
        return Count(shape, setting, setting.TargetLength, encoder, decoder);
    }

    public override LanguageModel Build(Shape shape, Device? device = null) => new EncoderDecoderModel(this, new Place(this, shape.Checked(), Device: device));
}

internal sealed class EncoderDecoderModel : LanguageModel
{
    private readonly StackModule encoder, decoder;

    public EncoderDecoderModel(EncoderDecoder choice, Place place) : base(place)
    {
        encoder = choice.Encoder.Build("encoder", place.Shape.EncoderLayers, place);
        decoder = choice.Decoder.Build("decoder", place.Shape.DecoderLayers, place with { Causal = true });
        RegisterComponents();
    }

    protected override Tensor Hidden(Tensor inputs, Tensor mask, Tensor targets, Pass pass) =>
        Decode(Shifted(targets), Encode(inputs, mask, pass), mask, pass, Counted(targets));

    protected override Tensor Candidates(Tensor inputs, Tensor mask, Tensor candidates, Pass pass) =>
        Decode(Shifted(candidates.repeat(inputs.size(0), 1)), Encode(inputs, mask, pass), mask, pass, Counted(candidates.repeat(inputs.size(0), 1)), sharers: candidates.size(0));

    protected override void Read(Tensor inputs, Tensor mask, Pass pass) => Encode(inputs, mask, pass);

    public override Continuation Begin(Tensor inputs, Tensor? inputMask)
    {
        using var scope = NewDisposeScope();
        using var pass = NewPass(writes: true);
        var (ids, mask) = Placed(inputs, inputMask);
        return new CachedContinuation(full([ids.size(0), 1], Start, int64, ids.device), [Encode(ids, mask, pass), mask], Next);
    }

    private Tensor Next(Tensor tokens, DecodeCache cache)
    {
        using var pass = NewPass();
        return Predict(Last(Decode(tokens, cache.Prompt[0], cache.Prompt[1], pass, cache: cache)));
    }

    private Tensor Encode(Tensor inputs, Tensor mask, Pass pass)
    {
        using var context = new Context(pass) { KeyMask = mask };
        return encoder.forward(Look(inputs, pass), context);
    }

    private Tensor Decode(Tensor tokens, Tensor memory, Tensor mask, Pass pass, Tensor? real = null, DecodeCache? cache = null, long sharers = 1)
    {
        using var context = new Context(pass) { Causal = true, Memory = memory, MemoryMask = mask, Sharers = sharers, Cache = cache, TokenMask = real };
        return decoder.forward(embedding.Look(tokens, pass), context);
    }
}
