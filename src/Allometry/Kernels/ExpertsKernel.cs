using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Feed-forwards of like sizes, each of which takes a stretch of the rows: expert i those before <paramref name="Ends"/>[i] and from the end of the one before on.</summary>
internal sealed record ExpertsCall(IReadOnlyList<FeedForwardWeights> Experts, IReadOnlyList<int> Ends)
{
    /// <summary>Dropout of the hidden values, [row, hidden].</summary>
    public Tensor? HiddenMask { get; init; }

    /// <summary>The experts that have rows, with the first and the number of them.</summary>
    public IEnumerable<(FeedForwardWeights Weights, int First, int Count)> Stretches() => Experts
        .Select((weights, i) => (weights, First: i == 0 ? 0 : Ends[i - 1], End: Ends[i])).Where(expert => expert.End > expert.First)
        .Select(expert => (expert.weights, expert.First, expert.End - expert.First));
}

/// <summary>Experts one after the other as one operation, each as the fused feed-forward sublayer works, without its norm and residual. An expert without rows gets no gradient.</summary>
internal sealed unsafe class ExpertsKernel : autograd.SingleTensorFunction<ExpertsKernel>
{
    private const int Chunk = 2048;

    public override string Name => "Experts";

    /// <summary>x [row, width], sorted by expert -> the same</summary>
    public static Tensor Run(Tensor x, ExpertsCall call)
    {
        if (is_grad_enabled()) return apply([x, .. call.Experts.SelectMany(expert => expert.All), call]);
        return Forward(x, call, null, null);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, call) = ((Tensor)arguments[0], (ExpertsCall)arguments[^1]);
        var first = call.Experts[0];
        var (hidden, gate) = (empty(x.size(0), first.Hidden), first.Gate is null ? null : empty(x.size(0), first.Hidden));
        var y = Forward(x, call, hidden, gate);
        context.Save(call, [x, hidden, gate, call.HiddenMask, .. call.Experts.SelectMany(expert => expert.All)]);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (call, saved) = context.Restore<ExpertsCall>();
        var weighed = saved.Skip(4).Select(tensor => tensor!).Chunk(call.Experts[0].Matrices).Zip(call.Experts, (tensors, expert) => expert.With(tensors)).ToArray();
        call = call with { Experts = weighed };
        using var dy = gradient.contiguous();
        var (dx, gradients) = (empty_like(saved[0]!), new Gradients());
        var (xs, hidden, gates, mask, dys, dxs) = (Matrix.Of(saved[0]), Matrix.Of(saved[1]), Matrix.Of(saved[2]), Matrix.Of(saved[3]), Matrix.Of(dy), Matrix.Of(dx));
        foreach (var (weights, begin, rows) in call.Stretches())
            for (var (first, end) = (begin, begin + rows); first < end; first += Chunk)
            {
                var count = Math.Min(Chunk, end - first);
                Backward(weights, gradients, xs.Slice(first, count), hidden.Slice(first, count), gates.Slice(first, count), mask.Slice(first, count), dys.Slice(first, count), dxs.Slice(first, count));
            }
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return([dx, .. saved.Skip(4).Select(gradients.Of), null]);
    }

    private static Tensor Forward(Tensor x, ExpertsCall call, Tensor? keptHidden, Tensor? keptGate)
    {
        var y = empty_like(x);
        var (xs, ys, hidden, gates, mask) = (Matrix.Of(x), Matrix.Of(y), Matrix.Of(keptHidden), Matrix.Of(keptGate), Matrix.Of(call.HiddenMask));
        foreach (var (weights, first, count) in call.Stretches())
        {
            Forward(weights, xs.Slice(first, count), ys.Slice(first, count), hidden.Slice(first, count), gates.Slice(first, count), mask.Slice(first, count));
            Products.Executed(2.0 * count * weights.Width * weights.Hidden * weights.Matrices);
        }
        GC.KeepAlive(x); // its memory was read by address
        return y;
    }

    private static void Forward(FeedForwardWeights weights, Matrix x, Matrix y, Matrix hidden, Matrix gates, Matrix mask)
    {
        using var frame = Scratch.Open();
        var packed = Packing.All(frame, [Matrix.Of(weights.Input).Transposed, Matrix.Of(weights.Output).Transposed, .. weights.Gate is null ? [] : (Matrix[])[Matrix.Of(weights.Gate).Transposed]]);
        var most = Rows.InCache(weights.Width + (weights.Hidden * (weights.Matrices - 1)));
        var each = (long)Team.Size * most;
        var (values, gated) = (frame.Matrix(each, weights.Hidden), weights.Gate is null ? default : frame.Matrix(each, weights.Hidden));
        Team.Blocks(x.Rows, most, (thread, first, count) =>
        {
            var (mine, input) = (thread * most, x.Slice(first, count));
            var u = hidden.IsThere ? hidden.Slice(first, count) : values.Slice(mine, count);
            var a = hidden.IsThere && weights.KeepsOutput ? u : values.Slice(mine, count); // what the output projection sees
            Blas.Multiply(input, packed[0], u);
            if (weights.Gate is null) weights.Function.Apply(u, a);
            else
            {
                var gate = gates.IsThere ? gates.Slice(first, count) : gated.Slice(mine, count);
                Blas.Multiply(input, packed[2], gate);
                weights.Function.Gate(gate, u, a);
            }
            Rows.Scale(a, mask, first, 1);
            Blas.Multiply(a, packed[1], y.Slice(first, count));
        });
    }

    private static void Backward(FeedForwardWeights weights, Gradients gradients, Matrix x, Matrix hidden, Matrix gates, Matrix mask, Matrix dy, Matrix dx)
    {
        using var frame = Scratch.Open();
        var packed = Packing.All(frame, [Matrix.Of(weights.Output), Matrix.Of(weights.Input), .. weights.Gate is null ? [] : (Matrix[])[Matrix.Of(weights.Gate)]]);
        var dHidden = frame.Matrix(x.Rows, weights.Hidden);
        var values = weights.KeepsOutput ? hidden : frame.Matrix(x.Rows, weights.Hidden); // what the output projection saw
        var dGate = gates.IsThere ? frame.Matrix(x.Rows, weights.Hidden) : default;
        Team.Blocks(x.Rows, Rows.InCache(weights.Width + (2 * weights.Hidden)), (_, first, count) =>
        {
            var (u, du, a, dInput) = (hidden.Slice(first, count), dHidden.Slice(first, count), values.Slice(first, count), dx.Slice(first, count));
            Blas.Multiply(dy.Slice(first, count), packed[0], du);
            Rows.Scale(du, mask, first, 1);
            if (gates.IsThere)
            {
                weights.Function.Gate(gates.Slice(first, count), u, a);
                weights.Function.DifferentiateGate(gates.Slice(first, count), u, du, dGate.Slice(first, count), du);
            }
            else
            {
                if (!weights.KeepsOutput) weights.Function.Apply(u, a);
                weights.Function.Differentiate(u, du);
            }
            if (!weights.KeepsOutput) Rows.Scale(a, mask, first, 1);
            Blas.Multiply(du, packed[1], dInput);
            if (gates.IsThere) Blas.Multiply(dGate.Slice(first, count), packed[2], dInput, keep: 1);
        });
        gradients.Add(weights.Output, dy.Transposed, values);
        gradients.Add(weights.Input, dHidden.Transposed, x);
        if (weights.Gate is not null) gradients.Add(weights.Gate, dGate.Transposed, x);
    }
}
