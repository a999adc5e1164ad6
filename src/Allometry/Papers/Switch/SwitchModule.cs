using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>Sends each token to one of its experts; a token without a slot comes out as zero.</summary>
internal sealed class SwitchModule : Mixer
{
    private const double RouterDeviation = 0.02; // flaxformer's configurations of Switch: slightly better there than 0.1 / fan-in

    private readonly Projection router;
    private readonly TorchSharp.Modules.ModuleList<Mixer> experts;
    private readonly SwitchFeedForward choice;
    private readonly Dropout dropout;

    public SwitchModule(SwitchFeedForward choice, Place place) : base("switch")
    {
        (this.choice, dropout) = (choice, new Dropout(choice.DropoutIn(place.Architecture)));
        router = new Projection(place, place.Shape.ModelWidth, choice.Experts, new Beginning(WeightRole.Router, RouterDeviation));
        experts = new TorchSharp.Modules.ModuleList<Mixer>([.. Enumerable.Range(0, choice.Experts).Select(_ => choice.Expert.Build(choice.Inside(place)))]);
        RegisterComponents();
    }

    /// <summary>Hears what the router decides in each run, as tests do that hold it to references.</summary>
    internal Action<Routing>? Decided { get; set; }

    public override Tensor forward(Tensor x, Context context)
    {
        var tokens = x.reshape(-1, x.size(-1)); // [token, model width]
        var routing = Charged(Route(Routing.Softmax(Logits(Jitter() is { } jitter ? tokens * jitter.Like(tokens) : tokens)), x, context), context);
        return ExpertExchange.Through(context.Pass.Peers, tokens, routing.Probabilities.to(x.dtype), routing.Dispatch, (rows, gates, dispatch) => Each(rows, gates, dispatch, context)).view_as(x);
    }

    internal override Tensor? Fused(Tensor x, RowNormModule norm, Func<Tensor?> mask, Context context)
    {
        FeedForwardWeights[] weights = [.. experts.Select(expert => expert.KernelWeights).OfType<FeedForwardWeights>()];
        if (weights.Length < experts.Count) return null;
        var listens = Decided is not null;
        var call = new RouterCall(norm.Row, router.Weight, Jitter()) { WithDenominators = choice.ZWeight > 0 || listens };
        if (context.Pass.Peers.Count > 1) return Exchanged(x, call, weights, mask, context);
        Routing? routing = null;
        var (y, loss, probabilities, denominators) = RoutedKernel.Run(x, new(call, weights, Divide) { WithDecisions = listens });
        if (listens) Decided!(routing! with { Probabilities = probabilities!, Denominators = denominators });
        if (loss is not null) context.Pass.Add(loss);
        return y;

        Division Divide(Tensor probabilities, Tensor? denominators)
        {
            routing = Route((probabilities, denominators), x, context);
            var rows = new ExpertsCall(weights, routing.Dispatch.Rows, routing.Dispatch.Ends) { HiddenMask = HiddenMask(x, weights[0].Hidden, routing.Dispatch), OutputMask = mask(), Length = x.size(1) };
            return new(rows, Loss(routing, context));
        }
    }

    /// <summary>The same where experts are divided among processes.</summary>
    private Tensor Exchanged(Tensor x, RouterCall call, FeedForwardWeights[] weights, Func<Tensor?> mask, Context context)
    {
        var (tokens, probabilities, denominators) = RouterKernel.Run(x, call); // tokens [token, model width]
        var routing = Charged(Route((probabilities, denominators), x, context), context);
        var y = ExpertExchange.Through(context.Pass.Peers, tokens, routing.Probabilities, routing.Dispatch, (rows, gates, dispatch) =>
            ExpertsKernel.Run(null, rows, gates, new(weights, dispatch.Rows, dispatch.Ends) { HiddenMask = HiddenMask(rows, weights[0].Hidden, dispatch) })).view_as(x);
        return x + (mask() is { } dropped ? y * dropped : y);
    }

    internal override IEnumerable<(nn.Module Part, int Rank)> Placed(int ranks) => experts.Select((expert, i) => ((nn.Module)expert, i / ExpertExchange.Most(experts.Count, ranks)));

    private Noise? Jitter() => training && choice.Jitter > 0 ? Noise.Around1(choice.Jitter) : null;

    /// <summary>Decides, and keeps what is observed of it.</summary>
    private Routing Route((Tensor Probabilities, Tensor? Denominators) softmax, Tensor x, Context context)
    {
        var mask = choice.Capacity.RoutesPadding ? null : context.TokenMask?.reshape(-1);
        var writes = Writes(context);
        var routing = Routing.Of(softmax, mask, choice.Group ?? (int)x.size(1), choice.Tries,
            (routed, positions) => writes ? int.MaxValue : choice.Capacity.Slots(routed, positions, choice.Experts, training), context.Pass.Peers);
        if (training && context.Pass.Observes && !writes) routing.Observe(context);
        return routing;
    }

    /// <summary>Gives a decision to the losses and to those who watch.</summary>
    private Routing Charged(Routing routing, Context context)
    {
        Decided?.Invoke(routing);
        if (Loss(routing, context) is { } loss) context.Pass.Add(loss.Of(routing.Probabilities, routing.Denominators));
        return routing;
    }

    private RouterLoss? Loss(Routing routing, Context context) => Writes(context) ? null : routing.Loss(choice.BalanceWeight, choice.ZWeight);

    /// <summary>Whether one token is written after the other: none is dropped then.</summary>
    private bool Writes(Context context) => context.Cache is not null || (context.Pass.Writes && !choice.Capacity.HoldsForPrompts);

    /// <summary>[token, expert], in single precision at least, whatever operands of other products are rounded to.</summary>
    private Tensor Logits(Tensor tokens)
    {
        using var products = Products.In(Precision.Float32);
        return tokens.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? Products.Linear(tokens.to(float32), router.Weight.to(float32)) : router.call(tokens);
    }

    /// <summary>From library operations: each expert by itself, every row a sequence of its own, so that dropout differs from row to row.</summary>
    private Tensor Each(Tensor tokens, Tensor gates, Dispatch dispatch, Context context)
    {
        var numbers = tensor(dispatch.Rows, device: tokens.device);
        var rows = tokens.index_select(0, numbers); // [row, model width], sorted by expert
        var outputs = cat([.. Stretches(dispatch).Select(expert => experts[expert.Index].forward(rows.narrow(0, expert.First, expert.Count).unsqueeze(1), context).squeeze(1))]);
        return zeros_like(tokens).index_copy_(0, numbers, outputs * dispatch.Of(gates).unsqueeze(1));
    }

    /// <summary>[row, hidden], drawn in the order in which the experts draw it by themselves.</summary>
    private Tensor? HiddenMask(Tensor like, long hidden, Dispatch dispatch)
    {
        Tensor[] masks = [.. Stretches(dispatch).Select(expert => dropout.Mask(training, like, expert.Count, hidden)).OfType<Tensor>()];
        return masks.Length == 0 ? null : cat(masks).squeeze(1);
    }

    private static IEnumerable<(int Index, int First, int Count)> Stretches(Dispatch dispatch) => dispatch.Ends
        .Select((end, i) => (Index: i, First: i == 0 ? 0 : dispatch.Ends[i - 1], End: end)).Where(expert => expert.End > expert.First)
        .Select(expert => (expert.Index, expert.First, expert.End - expert.First));
}
