using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>A router, and the experts whose rows somebody chooses by what it gives.</summary>
/// <param name="Divide">Probabilities [row, expert] and denominators [row, 1] (null unless asked for) -> the same experts with their rows.</param>
internal sealed record RoutedCall(RouterCall Router, IReadOnlyList<FeedForwardWeights> Experts, Func<Tensor, Tensor?, ExpertsCall> Divide)
{
    /// <summary>Whether anybody will ask for the probabilities, as with <see cref="RouterCall.WithDenominators"/>.</summary>
    public bool WithProbabilities { get; init; }

    public IEnumerable<Tensor?> Weights => [.. Router.Weights, .. Experts.SelectMany(expert => expert.All)];
}

/// <summary>
/// <see cref="RouterKernel"/> and <see cref="ExpertsKernel"/> as one operation: each row plus, through its expert, its norm times the expert's probability. A row's gradient, that of the residual included, is written once.
/// </summary>
internal sealed unsafe class RoutedKernel : autograd.MultiTensorFunction<RoutedKernel>
{
    private const int Before = 8; // tensors saved before the weights

    public override string Name => "Routed";

    /// <summary>x [..., width] -> the same, and where they are asked for, probabilities [row, expert] and logarithms of the softmax's denominators [row, 1]</summary>
    public static (Tensor Y, Tensor? Probabilities, Tensor? Denominators) Run(Tensor x, RoutedCall call)
    {
        var made = is_grad_enabled() ? apply([x, .. call.Weights, call]) : Forward(x, call, null);
        return (made[0], call.WithProbabilities ? made[1] : null, call.Router.WithDenominators ? made[^1] : null);
    }

    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        context.set_materialize_grads(false); // as in RouterKernel
        return Forward((Tensor)arguments[0], (RoutedCall)arguments[^1], context);
    }

    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        using var products = context.SamePrecision();
        var ((call, experts), saved) = context.Restore<(RoutedCall, ExpertsCall)>();
        var (x, normed, probabilities) = (saved[0]!, saved[1]!, saved[2]!);
        var (router, count) = (call.Router.With(saved.AsSpan(Before)), experts.Rounded.Length);
        var weights = saved[^(2 * count)..^count].Select(tensor => tensor!).ToArray();
        experts = experts.With(weights) with { HiddenMask = saved[6], OutputMask = saved[7], Rounded = saved[^count..] };
        var (dx, sums) = (empty_like(x), new Gradients());
        using var dy = gradients.Given(0) ?? zeros_like(x);
        using var given = call.WithProbabilities ? gradients.Given(1) : null;
        using var dDenominators = router.WithDenominators ? gradients.Given(call.WithProbabilities ? 2 : 1) : null;
        using var dProbabilities = given?.clone() ?? zeros_like(probabilities);
        using var dNormed = empty_like(normed);
        ExpertsKernel.Backward(experts, new(Matrix.Of(saved[4]), Matrix.Of(saved[5])), new(Matrix.Of(normed), Matrix.Of(dy), Matrix.Of(dNormed), Matrix.Of(probabilities), Matrix.Of(dProbabilities)), sums);
        var flow = new RouterKernel.Flow(Matrix.Of(probabilities), Matrix.Of(dNormed), Matrix.Of(dDenominators), Matrix.Of(dProbabilities), Matrix.Of(dx)) { Residual = Matrix.Of(dy) };
        RouterKernel.Backward(router, Matrix.Of(x), router.Norm.Over(saved[3]!), flow, sums);
        var returned = SavedTensors.Return([dx, .. router.Weights.Select(sums.Of), .. weights.Select(sums.Of), null]);
        foreach (var tensor in (Tensor?[])[.. saved, .. gradients]) tensor?.Dispose();
        return returned;
    }

    private static List<Tensor> Forward(Tensor x, RoutedCall call, autograd.AutogradContext? context)
    {
        var measured = call.Router.Norm.Room(x.numel() / x.size(-1));
        var routed = RouterKernel.Forward(x, call.Router, measured);
        var (normed, probabilities, denominators) = (routed[0], routed[1], routed.ElementAtOrDefault(2));
        var experts = call.Divide(probabilities, denominators);
        var (hidden, gate) = context is null ? default : experts.Room();
        if (context is not null) experts = experts with { Rounded = Bfloat16.Weights([.. experts.Weights]) };
        var y = ExpertsKernel.Forward(x, normed, probabilities, experts, new(Matrix.Of(hidden), Matrix.Of(gate))).view_as(x);
        context?.Save((call, experts), [x, normed, probabilities.alias(), measured, hidden, gate, experts.HiddenMask, experts.OutputMask, .. call.Router.Weights, .. experts.Weights, .. experts.Rounded]);
        return [.. ((Tensor?[])[y, call.WithProbabilities ? probabilities : null, denominators]).OfType<Tensor>()];
    }
}
