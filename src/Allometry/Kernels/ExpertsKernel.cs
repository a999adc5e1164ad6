using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Feed-forwards of like sizes and which rows each of them takes: expert i those whose numbers stand in <paramref name="Rows"/> before <paramref name="Ends"/>[i] and from the end of the one before on.</summary>
internal sealed record ExpertsCall(IReadOnlyList<FeedForwardWeights> Experts, long[] Rows, int[] Ends)
{
    /// <summary>Dropout of the hidden values, [place among <see cref="Rows"/>, hidden].</summary>
    public Tensor? HiddenMask { get; init; }

    /// <summary>The experts that have rows, with the first of their places and the number of them.</summary>
    public IEnumerable<(FeedForwardWeights Weights, int First, int Count)> Stretches() => Experts
        .Select((weights, i) => (weights, First: i == 0 ? 0 : Ends[i - 1], End: Ends[i])).Where(expert => expert.End > expert.First)
        .Select(expert => (expert.weights, expert.First, expert.End - expert.First));
}

/// <summary>
/// Experts as one operation: each row times its gate through its expert, zero where it has none. Rows are gathered and written back block by block, while they are in the cache; an expert without rows gets no gradient.
/// </summary>
internal sealed unsafe class ExpertsKernel : autograd.SingleTensorFunction<ExpertsKernel>
{
    private const int Chunk = 2048, Before = 5; // tensors saved before the weights

    public override string Name => "Experts";

    /// <summary>x [row, width], gates [place] -> [row, width]</summary>
    public static Tensor Run(Tensor x, Tensor gates, ExpertsCall call)
    {
        if (is_grad_enabled()) return apply([x, gates, .. call.Experts.SelectMany(expert => expert.All), call]);
        return Forward(x, gates, call, null, null);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, factors, call, first) = ((Tensor)arguments[0], (Tensor)arguments[1], (ExpertsCall)arguments[^1], ((ExpertsCall)arguments[^1]).Experts[0]);
        var (hidden, gate) = (empty(call.Rows.Length, first.Hidden), first.Gate is null ? null : empty(call.Rows.Length, first.Hidden));
        var y = Forward(x, factors, call, hidden, gate);
        context.Save(call, [x, factors, hidden, gate, call.HiddenMask, .. call.Experts.SelectMany(expert => expert.All)]);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (call, saved) = context.Restore<ExpertsCall>();
        call = call with { Experts = [.. saved.Skip(Before).Select(tensor => tensor!).Chunk(call.Experts[0].Matrices).Zip(call.Experts, (tensors, expert) => expert.With(tensors))] };
        using var dy = gradient.contiguous();
        var (dx, dFactors, gradients) = (zeros_like(saved[0]!), empty_like(saved[1]!), new Gradients());
        var (hidden, gates, mask) = (Matrix.Of(saved[2]), Matrix.Of(saved[3]), Matrix.Of(saved[4]));
        float* factors = NativeCalls.Floats(saved[1]!), dGates = NativeCalls.Floats(dFactors);
        foreach (var (weights, begin, rows) in call.Stretches())
            for (var (first, end) = (begin, begin + rows); first < end; first += Chunk)
            {
                var count = Math.Min(Chunk, end - first);
                var part = new Part(call.Rows.AsMemory(first, count), hidden.Slice(first, count), gates.Slice(first, count), mask.Slice(first, count));
                Backward(weights, part, new(Matrix.Of(saved[0]), Matrix.Of(dy), Matrix.Of(dx), (nint)(factors + first), (nint)(dGates + first)), gradients);
            }
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return([dx, dFactors, .. saved.Skip(Before).Select(gradients.Of), null]);
    }

    private static Tensor Forward(Tensor x, Tensor factors, ExpertsCall call, Tensor? keptHidden, Tensor? keptGate)
    {
        var y = zeros_like(x);
        var (xs, ys, hidden, gates, mask) = (Matrix.Of(x), Matrix.Of(y), Matrix.Of(keptHidden), Matrix.Of(keptGate), Matrix.Of(call.HiddenMask));
        foreach (var (weights, first, count) in call.Stretches())
        {
            var part = new Part(call.Rows.AsMemory(first, count), hidden.Slice(first, count), gates.Slice(first, count), mask.Slice(first, count));
            Forward(weights, part, xs, ys, NativeCalls.Floats(factors) + first);
            Products.Executed(2.0 * count * weights.Width * weights.Hidden * weights.Matrices);
        }
        GC.KeepAlive(x); // its memory was read by address
        GC.KeepAlive(factors);
        return y;
    }

    private static void Forward(FeedForwardWeights weights, Part part, Matrix x, Matrix y, float* factors)
    {
        using var frame = Scratch.Open();
        var packed = Packing.All(frame, [Matrix.Of(weights.Input).Transposed, Matrix.Of(weights.Output).Transposed, .. weights.Gate is null ? [] : (Matrix[])[Matrix.Of(weights.Gate).Transposed]]);
        var most = Rows.InCache(weights.Width + (weights.Hidden * (weights.Matrices - 1)));
        var each = (long)Team.Size * most;
        var (values, gated, gathered) = (frame.Matrix(each, weights.Hidden), weights.Gate is null ? default : frame.Matrix(each, weights.Hidden), frame.Matrix(each, weights.Width));
        Team.Blocks(part.Rows.Length, most, (thread, first, count) =>
        {
            var rows = part.Rows.Span.Slice((int)first, count);
            var (mine, input) = (thread * most, gathered.Slice(thread * most, count));
            var u = part.Hidden.IsThere ? part.Hidden.Slice(first, count) : values.Slice(mine, count);
            var a = part.Hidden.IsThere && weights.KeepsOutput ? u : values.Slice(mine, count); // what the output projection sees
            Rows.Gather(x, rows, input);
            Blas.Multiply(input, packed[0], u);
            if (weights.Gate is null) weights.Function.Apply(u, a);
            else
            {
                var gate = part.Gates.IsThere ? part.Gates.Slice(first, count) : gated.Slice(mine, count);
                Blas.Multiply(input, packed[2], gate);
                weights.Function.Gate(gate, u, a);
            }
            Rows.Scale(a, part.Mask, first, 1);
            Blas.Multiply(a, packed[1], input);
            Rows.Scatter(input, factors + first, rows, y);
        });
    }

    private static void Backward(FeedForwardWeights weights, Part part, Flow flow, Gradients gradients)
    {
        using var frame = Scratch.Open();
        var packed = Packing.All(frame, [Matrix.Of(weights.Output), Matrix.Of(weights.Input), .. weights.Gate is null ? [] : (Matrix[])[Matrix.Of(weights.Gate)]]);
        var (count, most) = (part.Rows.Length, Rows.InCache(weights.Width + (2 * weights.Hidden)));
        var (x, dy, dx) = (frame.Matrix(count, weights.Width), frame.Matrix(count, weights.Width), frame.Matrix((long)Team.Size * most, weights.Width));
        var (dHidden, dGate) = (frame.Matrix(count, weights.Hidden), part.Gates.IsThere ? frame.Matrix(count, weights.Hidden) : default);
        var values = weights.KeepsOutput ? part.Hidden : frame.Matrix(count, weights.Hidden); // what the output projection saw
        Team.Blocks(count, most, (thread, first, size) =>
        {
            var rows = part.Rows.Span.Slice((int)first, size);
            var (u, du, a, dInput, input, seen) = (part.Hidden.Slice(first, size), dHidden.Slice(first, size), values.Slice(first, size), dx.Slice(thread * most, size), x.Slice(first, size), dy.Slice(first, size));
            Rows.Gather(flow.X, rows, input);
            Rows.Gather(flow.Dy, rows, seen);
            Blas.Multiply(seen, packed[0], du);
            if (part.Gates.IsThere) weights.Function.Gate(part.Gates.Slice(first, size), u, a);
            else if (!weights.KeepsOutput) weights.Function.Apply(u, a);
            if (!weights.KeepsOutput) Rows.Scale(a, part.Mask, first, 1);
            // d factor = dy . output(a) = (output' dy) . a: the expert's output need not be kept.
            for (var row = 0; row < size; row++) flow.DFactors[first + row] = Rows.Dot(du[row], a[row], weights.Hidden);
            Rows.Scale(du, flow.Factors + first);
            Rows.Scale(seen, flow.Factors + first);
            Rows.Scale(du, part.Mask, first, 1);
            if (part.Gates.IsThere) weights.Function.DifferentiateGate(part.Gates.Slice(first, size), u, du, dGate.Slice(first, size), du);
            else weights.Function.Differentiate(u, du);
            Blas.Multiply(du, packed[1], dInput);
            if (part.Gates.IsThere) Blas.Multiply(dGate.Slice(first, size), packed[2], dInput, keep: 1);
            Rows.Scatter(dInput, null, rows, flow.Dx);
        });
        gradients.Add(weights.Output, dy.Transposed, values);
        gradients.Add(weights.Input, dHidden.Transposed, x);
        if (weights.Gate is not null) gradients.Add(weights.Gate, dGate.Transposed, x);
    }

    /// <summary>Rows of one expert, and what is kept of them by their places.</summary>
    private sealed record Part(ReadOnlyMemory<long> Rows, Matrix Hidden, Matrix Gates, Matrix Mask);

    /// <summary>What goes through: all rows of states and gradients, the gates of this expert's rows.</summary>
    private readonly struct Flow(Matrix x, Matrix dy, Matrix dx, nint factors, nint dFactors)
    {
        public Matrix X { get; } = x;

        public Matrix Dy { get; } = dy;

        public Matrix Dx { get; } = dx;

        public float* Factors => (float*)factors;

        public float* DFactors => (float*)dFactors;
    }
}
