using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>One stack that sees everything; the target at a position is what should stand there, as in masked language modelling.</summary>
[Kind("encoder-only")]
public sealed record EncoderOnly : Architecture
{
    [Description("Layers of the stack.")]
    public Stack Encoder { get; init; } = Stack.Of(new SelfAttention(), new FeedForwardSublayer());

    public override bool Writes => false;

    public override IEnumerable<(string Member, int Layers)> Depths(Shape shape) => [("encoder-layers", shape.EncoderLayers)];

    public override CostSheet Count(Shape shape, Setting setting)
    {
        var encoder = Encoder.Count("encoder", shape.EncoderLayers, new Place(this, shape), setting with { Length = setting.InputLength });
        return Count(shape, setting, setting.InputLength, encoder).Select(cost => cost with { DecodeFlops = 0 });
    }

    public override LanguageModel Build(Shape shape, Device? device = null) => new EncoderOnlyModel(this, new Place(this, shape.Checked(), Device: device));
}

internal sealed class EncoderOnlyModel : LanguageModel
{
    private readonly StackModule encoder;

    public EncoderOnlyModel(EncoderOnly choice, Place place) : base(place)
    {
        encoder = choice.Encoder.Build("encoder", place.Shape.EncoderLayers, place);
        RegisterComponents();
    }

    protected override Tensor Hidden(Tensor inputs, Tensor mask, Tensor targets, Pass pass)
    {
        if (targets.size(1) != inputs.size(1))
            throw new InputException("targets", $"{targets.size(1)} positions for {inputs.size(1)} inputs", "an encoder-only model needs a target (or 0) at every input");
        using var context = new Context(pass) { KeyMask = mask };
        return encoder.forward(embedding.Look(inputs, pass), context);
    }

    public override Continuation Begin(Tensor inputs, Tensor? inputMask) =>
        throw new InputException("architecture", "an encoder-only model does not write text", "use an encoder-decoder or decoder-only architecture");
}
