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

    [Description("Whether a projection and tanh of the first position's last state stands for the whole text, as in BERT; predicting tokens does not use it.")]
    public bool Pooler { get; init; }

    public override bool Writes => false;

    public override IEnumerable<(string Member, int Layers)> Depths(Shape shape) => [("encoder-layers", shape.EncoderLayers)];

    public override IEnumerable<Stack> Stacks => [Encoder];

    public override CostSheet Count(Shape shape, Setting setting)
    {
        var encoder = Encoder.Count("encoder", shape.EncoderLayers, new Place(this, shape), setting with { Length = setting.InputLength });
        var model = Count(shape, setting, setting.InputLength, encoder).Select(cost => cost with { DecodeFlops = 0 });
        return Pooler ? model with { Children = [.. model.Children, new("pooler", new Cost([new("weight", [shape.ModelWidth, shape.ModelWidth]), new("bias", [shape.ModelWidth])]))] } : model;
    }

    public override LanguageModel Build(Shape shape, Device? device = null) => new EncoderOnlyModel(this, new Place(this, shape.Checked(), Device: device));
}

internal sealed class EncoderOnlyModel : LanguageModel
{
    private readonly StackModule encoder;
    private readonly Projection? pooler;

    public EncoderOnlyModel(EncoderOnly choice, Place place) : base(place)
    {
        encoder = choice.Encoder.Build("encoder", place.Shape.EncoderLayers, place);
        pooler = choice.Pooler ? Projection.FanIn(place, place.Shape.ModelWidth, place.Shape.ModelWidth, WeightRole.Head, biased: true) : null;
        RegisterComponents();
    }

    public override Tensor? Pool(Tensor last) => pooler?.forward(last.select(1, 0)).tanh();

    protected override Tensor Hidden(Tensor inputs, Tensor mask, Tensor targets, Pass pass)
    {
        if (targets.size(1) != inputs.size(1))
            throw new InputException("targets", $"{targets.size(1)} positions for {inputs.size(1)} inputs", "an encoder-only model needs a target (or 0) at every input");
        return Encode(inputs, mask, pass);
    }

    protected override void Read(Tensor inputs, Tensor mask, Pass pass) => Encode(inputs, mask, pass);

    /// <summary>The candidates' tokens stand at the first places of the inputs, which were left open for them: one pass serves all candidates.</summary>
    protected override Tensor Candidates(Tensor inputs, Tensor mask, Tensor candidates, Pass pass)
    {
        if (inputs.size(1) < candidates.size(1)) throw new InputException("candidates", $"{candidates.size(1)} tokens do not fit inputs of {inputs.size(1)}", "leave as many places open before the text as the longest candidate has tokens");
        return Encode(inputs, mask, pass).narrow(1, 0, candidates.size(1)).repeat_interleave(candidates.size(0), 0); // [row * candidate, target, model width]
    }

    public override Continuation Begin(Tensor inputs, Tensor? inputMask) =>
        throw new InputException("architecture", "an encoder-only model does not write text", "use an encoder-decoder or decoder-only architecture");

    private Tensor Encode(Tensor inputs, Tensor mask, Pass pass)
    {
        using var context = new Context(pass) { KeyMask = mask };
        return encoder.forward(Look(inputs, pass), context);
    }
}
