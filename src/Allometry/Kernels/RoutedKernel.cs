using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>A router, and the experts whose rows somebody chooses by what it gives.</summary>
/// <param name="Divide">Probabilities [row, expert] and logarithms of denominators [row, 1] (null unless asked for) -> the same experts with their rows.</param>
internal sealed record RoutedCall(RouterCall Router, IReadOnlyList<FeedForwardWeights> Experts, Func<Tensor, Tensor?, Division> Divide)
{
    /// <summary>Whether somebody asks for probabilities and denominators beyond what <see cref="Division.Loss"/> does; the router must have the latter.</summary>
    public bool WithDecisions { get; init; }

    public IEnumerable<Tensor?> Weights => [.. Router.Weights, .. Experts.SelectMany(expert => expert.All)];
}

/// <summary>Experts with their rows, and what dividing them so costs (null: nothing).</summary>
internal sealed record Division(ExpertsCall Experts, RouterLoss? Loss);

/// <summary>
/// <see cref="RouterKernel"/> and <see cref="ExpertsKernel"/> as one operation: each row plus, through its expert, its norm times the expert's probability. A row's gradient, that of the residual included, is written once.
/// </summary>
internal sealed unsafe class RoutedKernel : autograd.MultiTensorFunction<RoutedKernel>
{
    private const int Before = 9; // tensors saved before the weights

    public override string Name => "Routed";

    /// <summary>x [..., width] -> the same, the loss if there is one, and where they are asked for probabilities [row, expert] and logarithms of denominators [row, 1]</summary>
    public static (Tensor Y, Tensor? Loss, Tensor? Probabilities, Tensor? Denominators) Run(Tensor x, RoutedCall call)
    {
        var made = is_grad_enabled() ? apply([x, .. call.Weights, call]) : Forward(x, call, null);
        var decisions = call.WithDecisions ? made[^2..] : [];
        return (made[0], made.Count - decisions.Count > 1 ? made[1] : null, decisions.ElementAtOrDefault(0), decisions.ElementAtOrDefault(1));
    }

    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        context.set_materialize_grads(false); // as in RouterKernel
        return Forward((Tensor)arguments[0], (RoutedCall)arguments[^1], context);
    }

    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        using var products = context.SamePrecision();
        using var frame = Scratch.Open();
        var ((router, (experts, loss)), saved) = context.Restore<(RouterCall, Division)>();
        var (x, normed, probabilities, denominators, count) = (saved[0]!, saved[1]!, Matrix.Of(saved[2]), Matrix.Of(saved[3]), experts.Rounded.Length);
        var weights = saved[^(2 * count)..^count].Select(tensor => tensor!).ToArray();
        router = router.With(saved.AsSpan(Before));
        experts = experts.With(weights) with { HiddenMask = saved[7], OutputMask = saved[8], Rounded = saved[^count..] };
        var (dx, sums) = (empty_like(x), new Gradients());
        using var dy = gradients.Given(0) ?? zeros_like(x);
        using var dLoss = loss is null ? null : gradients.Given(1);
        using var givenProbabilities = gradients.Given(loss is null ? 1 : 2);
        using var givenDenominators = gradients.Given(loss is null ? 2 : 3);
        using var dNormed = empty_like(normed);
        var (dProbabilities, dDenominators) = (frame.Matrix(probabilities.Rows, probabilities.Columns), denominators.IsThere ? frame.Matrix(denominators.Rows, 1) : default);
        Rows.CopyOrClear(Matrix.Of(givenProbabilities), dProbabilities);
        Rows.CopyOrClear(Matrix.Of(givenDenominators), dDenominators);
        if (dLoss is not null) loss!.Differentiate(*NativeCalls.Floats(dLoss), denominators, dProbabilities, dDenominators);
        ExpertsKernel.Backward(experts, new(Matrix.Of(saved[5]), Matrix.Of(saved[6])), new(Matrix.Of(normed), Matrix.Of(dy), Matrix.Of(dNormed), probabilities, dProbabilities), sums);
        var flow = new RouterKernel.Flow(probabilities, Matrix.Of(dNormed), dDenominators, dProbabilities, Matrix.Of(dx)) { Residual = Matrix.Of(dy) };
        RouterKernel.Backward(router, Matrix.Of(x), router.Norm.Over(saved[4]!), flow, sums);
        var returned = SavedTensors.Return([dx, .. router.Weights.Select(sums.Of), .. weights.Select(sums.Of), null]);
        foreach (var tensor in (Tensor?[])[.. saved, .. gradients]) tensor?.Dispose();
        return returned;
    }

    private static List<Tensor> Forward(Tensor x, RoutedCall call, autograd.AutogradContext? context)
    {
        var measured = call.Router.Norm.Room(x.numel() / x.size(-1));
        var (normed, probabilities, denominators) = RouterKernel.Forward(x, call.Router, measured);
        var (experts, loss) = call.Divide(probabilities, denominators);
        var (hidden, gate) = context is null ? default : experts.Room();
        if (context is not null) experts = experts with { Rounded = Bfloat16.Weights([.. experts.Weights]) };
        var y = ExpertsKernel.Forward(x, normed, probabilities, experts, new(Matrix.Of(hidden), Matrix.Of(gate))).view_as(x);
        context?.Save((call.Router, new Division(experts, loss)), [x, normed, probabilities.alias(), denominators?.alias(), measured, hidden, gate, experts.HiddenMask, experts.OutputMask, .. call.Router.Weights, .. experts.Weights, .. experts.Rounded]);
        var cost = loss is null ? null : tensor((float)loss.Of(Matrix.Of(probabilities), Matrix.Of(denominators)));
        return [.. ((Tensor?[])[y, cost, .. call.WithDecisions ? [probabilities, denominators] : (Tensor?[])[]]).OfType<Tensor>()];
    }
}
