using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Native;
using Allometry.Ranks;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>
/// A model of tokens. Targets are int64 [batch, target]; 0 (pad) and negative ones are ignored. A null mask: inputs other than 0. Tokens and masks are checked where they lie, which is best the main
/// memory, and then brought to where the weights are; what comes out lies there too.
/// </summary>
public abstract class LanguageModel : nn.Module
{
    public const long Pad = 0, End = 1, Start = 0;

    private const long LogitsAtOnce = 8 << 20; // 32 MiB

    protected readonly Embedding embedding;
    protected readonly Projection? head, answers;
    private readonly double rescale;
    private readonly bool paddedBehind;
    private Precision precision;

    protected LanguageModel(Place place) : base(Named("model"))
    {
        (Architecture, Shape) = (place.Architecture, place.Shape);
        paddedBehind = Architecture.Attentions.Any(attention => attention.PaddedBehind);
        rescale = Architecture.Rescaled ? Math.Pow(Shape.ModelWidth, -0.5) : 1;
        embedding = new Embedding(place);
        answers = Architecture.Answers is { } rows ? Projection.FanIn(place, Shape.ModelWidth, rows, WeightRole.Head) : null;
        head = Architecture.Tied || answers is not null ? null : Projection.FanIn(place, Shape.ModelWidth, Shape.Vocabulary, WeightRole.Head);
    }

    public Architecture Architecture { get; }

    public Shape Shape { get; }

    /// <summary>The table of token embeddings, for what an objective shares with the model.</summary>
    internal Embedding Table => embedding;

    /// <summary>What predicts tokens, [vocabulary, model width]: the head's matrix, or the embedding table.</summary>
    internal Tensor Words => head?.Weight ?? embedding.Weight;

    /// <summary>Where the weights are.</summary>
    public Device Device => embedding.Weight.device;

    /// <summary>Without hand-written kernels: everything from library operations.</summary>
    public bool Plain { get; set; }

    /// <summary>What the operands of matrix products are rounded to. bfloat16 on a processor that has no units for it is an <see cref="InputException"/>; other devices decide for themselves.</summary>
    public Precision Precision
    {
        get => precision;
        set => precision = Device.type == TorchSharp.DeviceType.CPU ? Products.Checked(value) : value;
    }

    /// <summary>Whether the backward pass computes each layer once more, instead of keeping what it needs of all of them.</summary>
    public bool Recompute { get; set; }

    /// <summary>Who computes the other rows of each batch, while they all train together; alone otherwise.</summary>
    public Peers Peers { get; set; } = Peers.Alone;

    /// <summary>Whether layers that train tell numbers of themselves (<see cref="LossTensors.Layers"/>).</summary>
    public bool Observes { get; set; }

    /// <summary>Who is to know when a layer has been differentiated.</summary>
    internal GradientWatch? Watch { get; set; }

    /// <summary>int64 [batch, input], bool [batch, input], int64 [batch, target] -> [batch, target, vocabulary]; the model shifts the targets itself.</summary>
    public Tensor Logits(Tensor inputs, Tensor? inputMask, Tensor targets) => Predict(States(inputs, inputMask, targets));

    /// <summary>The last states [batch, target, model width], of which <see cref="Predict"/> makes the logits of the targets.</summary>
    protected internal Tensor States(Tensor inputs, Tensor? inputMask, Tensor targets)
    {
        using var pass = NewPass();
        return Run(inputs, inputMask, targets, pass);
    }

    /// <summary>The loss summed over the targets.</summary>
    public LossTensors Loss(Tensor inputs, Tensor? inputMask, Tensor targets, LossOptions options)
    {
        using var scope = NewDisposeScope();
        using var pass = NewPass();
        var tokens = targets.gt(Pad).sum().item<long>(); // where they lie: no device is waited for
        targets = targets.to(Device);
        var hidden = Run(inputs, inputMask, targets, pass);
        var labels = targets.masked_fill(targets.le(Pad), -1).reshape(-1);
        using var products = Products.In(Precision);
        var (loss, plain) = pass.Fuses(embedding.Weight)
            ? LossKernel.Run(Rescaled(hidden).reshape(-1, Shape.ModelWidth).contiguous(), Words, labels, options.LabelSmoothing, options.ZWeight)
            : CrossEntropy.Sums(Predict(hidden).reshape(-1, Shape.Vocabulary), labels, options.LabelSmoothing, options.ZWeight);
        return new LossTensors(WithLayers(loss, tokens, pass).MoveToOuterDisposeScope(), plain.MoveToOuterDisposeScope(), tokens) { Layers = pass.Observed };
    }

    /// <summary>A loss summed over so many target tokens, and what the layers of these passes add to each: each peer's is its part of a mean over all tokens of all.</summary>
    internal Tensor WithLayers(Tensor loss, long tokens, params IEnumerable<Pass> passes) =>
        passes.Select(pass => pass.Auxiliary()).OfType<Tensor>().Aggregate(loss, (sum, auxiliary) => sum + (long)Peers.Sum(tokens) * auxiliary);

    /// <summary>The log-probability of each row's targets: [batch]</summary>
    public Tensor Score(Tensor inputs, Tensor? inputMask, Tensor targets)
    {
        using var scope = NewDisposeScope();
        using var pass = NewPass();
        return LogProbabilities(Run(inputs, inputMask, targets, pass), targets.to(Device)).sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The log-probability of every candidate after every row's inputs: int64 [candidate, target] -> [batch, candidate]. What is computed of the inputs is shared by the candidates.
    /// </summary>
    public Tensor Rank(Tensor inputs, Tensor? inputMask, Tensor candidates)
    {
        using var scope = NewDisposeScope();
        using var pass = NewPass();
        var (ids, mask) = Placed(inputs, inputMask);
        candidates = Placed(candidates, "candidates");
        if (candidates.numel() == 0) throw Wrong("candidates", "there are none, or they are empty");
        var hidden = Candidates(ids, mask, candidates, pass);
        return LogProbabilities(hidden, candidates.repeat(inputs.size(0), 1)).sum(1).view(inputs.size(0), candidates.size(0)).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states by stack; the caller disposes them.</summary>
    public IReadOnlyDictionary<string, List<Tensor>> HiddenStates(Tensor inputs, Tensor? inputMask, Tensor targets)
    {
        using var pass = Traced(inputs, inputMask, targets);
        return pass.States;
    }

    /// <summary>The same with what else layers gather: their own losses and numbers. The caller disposes the pass, and the hidden states.</summary>
    internal Pass Traced(Tensor inputs, Tensor? inputMask, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var pass = NewPass(traced: true);
        Run(inputs, inputMask, targets, pass);
        return pass;
    }

    /// <summary>For layers that are trained beside the model and computed as its own are.</summary>
    internal Pass Beside() => new() { Plain = Plain, Recompute = Recompute, Precision = Precision, Peers = Peers };

    /// <summary>
    /// Hidden states by stack while the inputs alone are read, nothing being written: of the encoder, or of the only stack. Each is [batch, input, model width]; the caller disposes them.
    /// <paramref name="types"/> (int64 [batch, input]) are the kinds of the tokens, where positions tell kinds apart.
    /// </summary>
    public IReadOnlyDictionary<string, List<Tensor>> Read(Tensor inputs, Tensor? inputMask, Tensor? types = null)
    {
        using var scope = NewDisposeScope();
        using var pass = new Pass(traced: true) { Plain = Plain, TokenTypes = types };
        var (ids, mask) = Placed(inputs, inputMask);
        Read(ids, mask, pass);
        return pass.States;
    }

    /// <summary>int64 ids [batch, input] -> their vectors [batch, input, model width].</summary>
    public Tensor Embed(Tensor ids) => embedding.forward(Placed(ids, "ids"));

    /// <summary>
    /// The states of <see cref="Read(Tensor, Tensor?, Tensor?)"/> where other vectors [batch, input, model width] stand in the place of the tokens' own; they belong to the scope around.
    /// </summary>
    public IReadOnlyList<Tensor> ReadVectors(Tensor vectors, Tensor inputMask)
    {
        using var pass = new Pass(traced: true) { Plain = Plain, Vectors = vectors };
        Read(zeros([vectors.size(0), vectors.size(1)], int64, vectors.device), inputMask.to(vectors.device), pass);
        using var scope = NewDisposeScope();
        return [.. pass.States.Values.Single().Select(state => { scope.Attach(state); return state.MoveToOuterDisposeScope(); })];
    }

    /// <summary>Scores of a task's answers by what stands for a whole input, [batch, model width] -> [batch, answers]; a model without answers has none to score.</summary>
    public Tensor Answer(Tensor whole)
    {
        using var products = Products.In(Precision);
        return answers?.forward(whole) ?? throw new InputException("architecture", "the model has no answers to score", "give the architecture some: answers: 8");
    }

    /// <summary>What stands for a whole text, [batch, model width], of its last states [batch, input, model width]; null: the model has no such thing.</summary>
    public virtual Tensor? Pool(Tensor last) => null;

    /// <summary>Starts writing token by token after these inputs, with a cache.</summary>
    public abstract Continuation Begin(Tensor inputs, Tensor? inputMask);

    /// <summary>The last states [batch, target, model width] of one pass, from which the logits are predicted; arguments are checked.</summary>
    protected abstract Tensor Hidden(Tensor inputs, Tensor mask, Tensor targets, Pass pass);

    /// <summary>Runs the stack that reads over the inputs; its states are recorded by the pass.</summary>
    protected abstract void Read(Tensor inputs, Tensor mask, Pass pass);

    /// <summary>The last states of all candidates int64 [candidate, target] after each row's inputs, [batch * candidate, target, model width]: of the first row's candidates first.</summary>
    protected virtual Tensor Candidates(Tensor inputs, Tensor mask, Tensor candidates, Pass pass) =>
        Hidden(inputs.repeat_interleave(candidates.size(0), 0), mask.repeat_interleave(candidates.size(0), 0), candidates.repeat(inputs.size(0), 1), pass);

    /// <summary>States [batch, target, model width] and what they should predict -> [batch, target], 0 where the target is ignored. By chunks: all logits never exist.</summary>
    private Tensor LogProbabilities(Tensor hidden, Tensor targets)
    {
        var (states, labels) = (hidden.reshape(-1, Shape.ModelWidth), targets.reshape(-1));
        var logs = labels.gt(Pad).nonzero().view(-1).split(Math.Max(1, LogitsAtOnce / Shape.Vocabulary)).Select(rows =>
        {
            using var chunk = NewDisposeScope();
            var logits = Predict(states.index_select(0, rows));
            var chosen = logits.gather(1, labels.index_select(0, rows).unsqueeze(1)).squeeze(1);
            return (Rows: rows, Logs: (chosen - logits.logsumexp(1)).MoveToOuterDisposeScope());
        }).ToList();
        return logs.Aggregate(zeros(labels.shape, states.dtype, states.device), (all, part) => all.index_copy(0, part.Rows, part.Logs)).view_as(targets);
    }

    /// <summary>[..., model width] -> [..., vocabulary]</summary>
    protected internal Tensor Predict(Tensor hidden)
    {
        ThrowIfItAnswers();
        using var products = Products.In(Precision);
        var scaled = Rescaled(hidden);
        return head is null ? embedding.Logits(scaled) : head.forward(scaled);
    }

    /// <summary>What gathers the side products of one run through the model.</summary>
    protected Pass NewPass(bool traced = false, bool writes = false) => new(traced) { Writes = writes, Plain = Plain, Recompute = Recompute, Precision = Precision, Peers = Peers, Observes = Observes, Watch = Watch };

    private Tensor Rescaled(Tensor hidden) => rescale == 1 ? hidden : hidden * rescale;

    /// <summary>The vectors of input tokens: the table's, or those that the pass puts in their place.</summary>
    protected Tensor Look(Tensor inputs, Pass pass) => pass.Vectors ?? embedding.Look(inputs, pass);

    /// <summary>The targets moved one to the right behind the start token, ignored ones replaced by padding.</summary>
    protected static Tensor Shifted(Tensor targets)
    {
        var start = full([targets.size(0), 1], Start, targets.dtype, targets.device);
        return cat([start, targets.narrow(1, 0, targets.size(1) - 1).clamp_min(Pad)], 1);
    }

    /// <summary>Targets up to each row's last one that counts, bool [batch, target]: what stands behind it is padding.</summary>
    protected static Tensor Counted(Tensor targets) => targets.gt(Pad).flip(1).cumsum(1).flip(1).gt(0);

    /// <summary>[batch, length, model width] -> the last position [batch, model width]</summary>
    protected static Tensor Last(Tensor hidden) => hidden.select(1, hidden.size(1) - 1);

    /// <summary>Inputs and their mask, checked, where the weights are.</summary>
    protected (Tensor Inputs, Tensor Mask) Placed(Tensor inputs, Tensor? inputMask)
    {
        var ids = Placed(inputs, "inputs");
        if (Known(inputs) && inputs.min().item<long>() is var smallest and < 0) throw Wrong("inputs", $"id {smallest} is below 0");
        var mask = inputMask?.to(@bool) ?? inputs.ne(Pad); // kernels read a mask byte by byte
        if (!mask.shape.SequenceEqual(inputs.shape)) throw Wrong("mask", $"its shape [{string.Join(", ", mask.shape)}] is not that of the inputs");
        if (Known(mask)) Check(inputs, mask);
        return (ids, mask.to(Device));
    }

    /// <summary>What else an architecture asks of inputs and their mask.</summary>
    protected virtual void Check(Tensor inputs, Tensor mask)
    {
        if (!paddedBehind || mask.size(1) == 1) return;
        var (here, next) = (mask.narrow(1, 0, mask.size(1) - 1), mask.narrow(1, 1, mask.size(1) - 1));
        if (next.logical_and(here.logical_not()).any().item<bool>())
            throw new InputException("mask", "padding stands before a token, and the attention of this model counts positions from the beginning of a text", "put padding behind the tokens alone");
    }

    /// <summary>The base's constructor is libtorch's already.</summary>
    private static string Named(string name)
    {
        Libtorch.EnsureLoaded();
        return name;
    }

    private Tensor Run(Tensor inputs, Tensor? inputMask, Tensor targets, Pass pass)
    {
        ThrowIfItAnswers();
        var (ids, mask) = Placed(inputs, inputMask);
        var placed = Placed(targets, "targets");
        if (targets.size(0) != inputs.size(0) || targets.size(1) == 0)
            throw Wrong("targets", $"[{string.Join(", ", targets.shape)}] does not fit inputs of [{string.Join(", ", inputs.shape)}]");
        return Hidden(ids, mask, placed, pass);
    }

    private void ThrowIfItAnswers()
    {
        if (answers is not null) throw new InputException("model", "it scores the answers of its task and predicts no tokens", "take the model that it was tuned from");
    }

    private Tensor Placed(Tensor ids, string name)
    {
        if (ids.dim() != 2 || ids.dtype != int64)
            throw Wrong(name, "they are not an int64 tensor [batch, length]");
        if (Known(ids) && ids.max().item<long>() is var largest && largest >= Shape.Vocabulary)
            throw Wrong(name, $"id {largest} is beyond the {Shape.Vocabulary} rows of the embedding table");
        return ids.to(Device);
    }

    /// <summary>Whether there are values to look at.</summary>
    private static bool Known(Tensor tensor) => tensor.numel() > 0 && tensor.device_type != TorchSharp.DeviceType.META;

    private static InputException Wrong(string where, string what) => new(where, what, "give the model what its vocabulary's tokenizer made");
}
