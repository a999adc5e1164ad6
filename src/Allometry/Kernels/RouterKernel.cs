using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>What a router sees of rows: their norm, times a jitter while it trains.</summary>
/// <param name="Weight">[expert, width]</param>
internal sealed record RouterCall(RowNorm Norm, Tensor Weight, Noise? Jitter)
{
    public IReadOnlyList<Tensor?> Weights => [.. Norm.Weights, Weight];

    /// <summary>Whether anybody will ask for the denominators: a result of which nothing comes is one that TorchSharp does not let go of.</summary>
    public bool WithDenominators { get; init; }

    /// <summary>The same with other tensors, in the order of <see cref="Weights"/>.</summary>
    public RouterCall With(ReadOnlySpan<Tensor?> weights) => this with { Norm = Norm.With(weights[0], weights[1]), Weight = weights[2]! };
}

/// <summary>
/// The norm before experts and what their router makes of it as one operation, in single precision whatever other products are rounded to. Blocks of rows go through norm, jitter, product and softmax while they are in
/// the cache; the backward pass makes norm and jitter again, the jitter from its seed.
/// </summary>
internal sealed unsafe class RouterKernel : autograd.MultiTensorFunction<RouterKernel>
{
    private const int Before = 3; // tensors saved before the weights
    private const int Normed = 0, Probabilities = 1, Denominators = 2; // results

    public override string Name => "Router";

    /// <summary>x [..., width] -> normed [row, width] without jitter, probabilities [row, expert] and, where they are asked for, logarithms of the softmax's denominators [row, 1]</summary>
    public static (Tensor Normed, Tensor Probabilities, Tensor? Denominators) Run(Tensor x, RouterCall call)
    {
        if (!is_grad_enabled()) return Forward(x, call, call.Norm.Room(x.numel() / x.size(-1)));
        var made = apply([x, .. call.Weights, call]);
        return (made[Normed], made[Probabilities], made.ElementAtOrDefault(Denominators));
    }

    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, call) = ((Tensor)arguments[0], (RouterCall)arguments[^1]);
        var measured = call.Norm.Room(x.numel() / x.size(-1));
        var (normed, probabilities, denominators) = Forward(x, call, measured);
        context.set_materialize_grads(false); // TorchSharp would ask tensors for zeros that a scope may have disposed
        context.Save(call, [x, measured, probabilities.alias(), .. call.Weights]);
        return denominators is null ? [normed, probabilities] : [normed, probabilities, denominators];
    }

    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        var (call, saved) = context.Restore<RouterCall>();
        call = call.With(saved.AsSpan(Before));
        var (x, probabilities) = (saved[0]!, saved[2]!);
        var (dx, weights) = (empty_like(x), new Gradients());
        using var dNormed = gradients.Given(Normed) ?? zeros(probabilities.size(0), x.size(-1));
        using var dProbabilities = gradients.Given(Probabilities);
        using var dDenominators = gradients.Given(Denominators);
        var flow = new Flow(Matrix.Of(probabilities), Matrix.Of(dNormed), Matrix.Of(dDenominators), Matrix.Of(dProbabilities), Matrix.Of(dx));
        Backward(call, Matrix.Of(x), call.Norm.Over(saved[1]!), flow, weights);
        var returned = SavedTensors.Return([dx, .. call.Weights.Select(weights.Of), null]);
        foreach (var tensor in (Tensor?[])[.. saved, .. gradients]) tensor?.Dispose();
        return returned;
    }

    internal static (Tensor Normed, Tensor Probabilities, Tensor? Denominators) Forward(Tensor x, RouterCall call, Tensor measured)
    {
        using var products = Products.In(Precision.Float32);
        using var frame = Scratch.Open();
        var weight = Packing.All(frame, Matrix.Of(call.Weight).Transposed)[0];
        var (xs, norm, most) = (Matrix.Of(x), call.Norm.Over(measured), Rows.InCache(2 * x.size(-1)));
        var (normed, probabilities, denominators) = (empty(xs.Rows, xs.Columns), empty(xs.Rows, weight.Columns), call.WithDenominators ? empty(xs.Rows, 1) : null);
        var (ys, ps, ds, space) = (Matrix.Of(normed), Matrix.Of(probabilities), Matrix.Of(denominators), frame.Matrix((long)Team.Size * most, xs.Columns));
        Team.Blocks(xs.Rows, most, (thread, first, count) =>
        {
            var (input, seen, logits) = (xs.Slice(first, count), ys.Slice(first, count), ps.Slice(first, count));
            norm.Measure(input, first);
            norm.Normed(input, first, seen);
            if (call.Jitter is { } jitter)
            {
                seen = space.Slice(thread * most, count);
                jitter.Fill(seen, first);
                Rows.Multiply(seen.Data, ys[first], seen.Cells);
            }
            Blas.Multiply(seen, weight, logits);
            RouterRows.Softmax(logits, ds.At(first));
        });
        Products.Executed(2.0 * xs.Cells * weight.Columns);
        GC.KeepAlive(x); // its memory was read by address
        GC.KeepAlive(measured);
        return (normed, probabilities, denominators);
    }

    internal static void Backward(RouterCall call, Matrix x, NormRows norm, Flow flow, Gradients gradients)
    {
        using var products = Products.In(Precision.Float32);
        using var frame = Scratch.Open();
        var weight = Packing.All(frame, Matrix.Of(call.Weight))[0];
        var (most, cells, dNorm) = (Rows.InCache(4 * x.Columns), weight.Rows * x.Columns, norm.Gradients(frame));
        var (dWeight, dLogits, space) = (new ThreadSums(frame, cells), frame.Matrix((long)Team.Size * most, weight.Rows), frame.Matrix(3L * Team.Size * most, x.Columns));
        Team.Blocks(x.Rows, most, (thread, row, count) =>
        {
            var (input, d, mine) = (x.Slice(row, count), dLogits.Slice(thread * most, count), space.Slice(3 * thread * most, 3 * most));
            var (dNormed, seen, noise) = (mine.Slice(0, count), mine.Slice(most, count), mine.Slice(2 * most, count));
            RouterRows.Differentiate(flow.Probabilities.Slice(row, count), flow.DProbabilities.At(row), flow.DDenominators.At(row), d);
            Blas.Multiply(d, weight, dNormed);
            norm.Normed(input, row, seen);
            if (call.Jitter is { } jitter)
            {
                jitter.Fill(noise, row);
                Rows.Multiply(dNormed.Data, noise.Data, noise.Cells);
                Rows.Multiply(seen.Data, noise.Data, noise.Cells);
            }
            Blas.Multiply(d.Transposed, seen, new(dWeight.Begin(thread), weight.Rows, x.Columns));
            dWeight.End(thread);
            Rows.Add(dNormed.Data, flow.DNormed[row], dNormed.Data, dNormed.Cells);
            norm.Differentiate(dNormed, input, row, flow.Residual.Slice(row, count), flow.Dx.Slice(row, count), thread, dNorm);
        });
        if (flow.Routes) gradients.AddRows(call.Weight, dWeight.Part(0, cells));
        norm.AddTo(gradients, dNorm);
    }

    /// <summary>Of all rows: the probabilities, the gradients that come (those of probabilities and denominators may be absent), and x's.</summary>
    internal readonly record struct Flow(Matrix Probabilities, Matrix DNormed, Matrix DDenominators, Matrix DProbabilities, Matrix Dx)
    {
        /// <summary>What reaches x besides; absent: nothing.</summary>
        public Matrix Residual { get; init; }

        public bool Routes => DProbabilities.IsThere || DDenominators.IsThere;
    }
}
