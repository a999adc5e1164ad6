using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using TorchSharp;

namespace Allometry.Models;

/// <summary>A model without sizes: the choices that all its sublayers share unless one says otherwise. The defaults are T5 1.0's.</summary>
public abstract record Architecture
{
    [Description("Self-attention of every sublayer that names none.")]
    public Attention Attention { get; init; } = new MultiHeadAttention();

    [Description("Feed-forward of every sublayer that names none.")]
    public FeedForward FeedForward { get; init; } = new DenseFeedForward();

    [Description("Norm of every sublayer and of each stack's end.")]
    public Norm Norm { get; init; } = new RootMeanSquareNorm();

    [Description("How each stack knows the order of its tokens.")]
    public Positions Positions { get; init; } = new RelativePositions();

    [Description("Share of values set to zero while training: embeddings, sublayer outputs, attention weights, feed-forward hidden values, each stack's end.")]
    public double Dropout { get; init; } = 0;

    [Description("Whether the logits come from the embedding table.")]
    public bool Tied { get; init; } = true;

    [Description("Whether the decoder's output is multiplied by the root of one over the model width before the logits.")]
    public bool Rescaled { get; init; } = true;

    [Description("How weights start.")]
    public Initialisation Initialisation { get; init; } = new MeshInitialisation();

    [Description("Small modules grafted into each sublayer, for a task that changes little else; left out: none.")]
    public Patch? Patch { get; init; }

    [Description("Answers of a task that are scored from the state of a whole input, in place of the tokens that a head would predict; left out: none."), Range(1, 1 << 24)]
    public int? Answers { get; init; }

    /// <summary>Whether it can write a target of any length; if not, every input has its own target.</summary>
    public virtual bool Writes => true;

    /// <summary>The layers that a shape gives each of its stacks, by the shape's member: none may be 0.</summary>
    public virtual IEnumerable<(string Member, int Layers)> Depths(Shape shape) => [];

    /// <summary>Its stacks, the one that the logits come from last.</summary>
    public virtual IEnumerable<Stack> Stacks => [];

    /// <summary>What each self-attention of its stacks is.</summary>
    public IEnumerable<Attention> Attentions => Sublayers.OfType<SelfAttention>().Select(sublayer => sublayer.Attention ?? Attention);

    /// <summary>What each feed-forward of its stacks is.</summary>
    public IEnumerable<FeedForward> FeedForwards => Sublayers.OfType<FeedForwardSublayer>().Select(sublayer => sublayer.FeedForward ?? FeedForward);

    private IEnumerable<Sublayer> Sublayers => Stacks.SelectMany(stack => stack.Pattern).SelectMany(layer => layer);

    /// <summary>Feed-forwards that layers are to take in turn, and none of a model of this shape does: its stacks are not deep enough to come to them.</summary>
    public IEnumerable<FeedForward> Idle(Shape shape) =>
        from stack in Stacks.Zip(Depths(shape), (stack, depth) => (Stack: stack, depth.Layers))
        from layer in Enumerable.Range(0, stack.Layers)
        from sublayer in stack.Stack.Layer(layer).OfType<FeedForwardSublayer>()
        where (sublayer.FeedForward ?? FeedForward) is InTurnFeedForward
        group layer by (InTurnFeedForward)(sublayer.FeedForward ?? FeedForward) into turn
        from idle in turn.Key.Of.Except(turn.Select(turn.Key.At))
        select idle;

    /// <summary>What a model of this architecture and shape costs, by path; arithmetic alone.</summary>
    public abstract CostSheet Count(Shape shape, Setting setting);

    /// <summary>A model with fresh weights from torch's default generator.</summary>
    public abstract LanguageModel Build(Shape shape, torch.Device? device = null);

    /// <summary>The root of the tree: embedding, stacks and, where untied, the head; logits are computed for each target position.</summary>
    protected CostSheet Count(Shape shape, Setting setting, int predictions, params IEnumerable<CostSheet> stacks)
    {
        double width = shape.ModelWidth, rows = shape.Vocabulary, tokens = (double)setting.Batch * (setting.Predictions ?? predictions);
        // The loss's kernel keeps states and their gradients, library operations the states, the logits and their logarithms.
        var logits = new Cost([], 2 * tokens * width * rows, 2.0 * setting.Batch * width * rows, 4 * tokens * (setting.Plain ? width + 2 * rows : 2 * width));
        var table = new Weight("weight", [shape.Vocabulary, shape.ModelWidth], Embedding: true);
        if (Answers is { } answers)
            return new("model", Cost.None, [new("embedding", new Cost([table])), .. stacks, new("answers", new Cost([new("weight", [answers, shape.ModelWidth])], 2.0 * setting.Batch * width * answers, 2.0 * setting.Batch * width * answers, 4.0 * setting.Batch * width))]);
        IEnumerable<CostSheet> head = Tied ? [] : [new("head", logits with { Weights = [table] })];
        return new CostSheet("model", Tied ? logits : Cost.None, [new("embedding", new Cost([table])), .. stacks, .. head]);
    }
}
