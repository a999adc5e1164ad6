using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Experts as one operation: each row plus, through its expert, its input times its gate; a row without an expert is left as it is. Each thread does its share of all places by itself, from gathering the rows to
/// writing them back, so that small experts need not be cut into smaller products; an expert without rows gets no gradient.
/// </summary>
internal sealed unsafe class ExpertsKernel : autograd.SingleTensorFunction<ExpertsKernel>
{
    private const int Chunk = 512, Before = 7; // tensors saved before the weights

    public override string Name => "Experts";

    /// <summary>residual (null: zeros) and x [row, width], gates [row, expert], or [row, 1] where a row has only one -> [row, width]</summary>
    public static Tensor Run(Tensor? residual, Tensor x, Tensor gates, ExpertsCall call)
    {
        if (is_grad_enabled()) return apply([residual!, x, gates, .. call.Weights, call]);
        return Forward(residual, x, gates, call, default);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (residual, x, gates, call) = ((Tensor?)arguments[0], (Tensor)arguments[1], (Tensor)arguments[2], (ExpertsCall)arguments[^1]);
        var (hidden, gate) = call.Room();
        call = call with { Rounded = Bfloat16.Weights([.. call.Weights]) };
        var y = Forward(residual, x, gates, call, new(Matrix.Of(hidden), Matrix.Of(gate)));
        context.Save(call, [x, gates, hidden, gate, call.HiddenMask, call.OutputMask, residual, .. call.Weights, .. call.Rounded]);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var products = context.SamePrecision();
        var (call, saved) = context.Restore<ExpertsCall>();
        var weights = saved[Before..(Before + call.Rounded.Length)].Select(tensor => tensor!).ToArray();
        call = call.With(weights) with { HiddenMask = saved[4], OutputMask = saved[5], Rounded = saved[(Before + weights.Length)..] };
        using var dy = gradient.contiguous();
        var (dx, dGates, gradients) = (empty_like(saved[0]!), zeros_like(saved[1]!), new Gradients());
        Backward(call, new(Matrix.Of(saved[2]), Matrix.Of(saved[3])), new(Matrix.Of(saved[0]), Matrix.Of(dy), Matrix.Of(dx), Matrix.Of(saved[1]), Matrix.Of(dGates)), gradients);
        var dResidual = saved[6] is null ? null : dy.alias();
        var returned = SavedTensors.Return([dResidual, dx, dGates, .. weights.Select(gradients.Of), null]);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return returned;
    }

    internal static Tensor Forward(Tensor? residual, Tensor x, Tensor gates, ExpertsCall call, Kept kept)
    {
        var y = empty_like(x);
        var (before, xs, ys, factors, hiddenMask, outputMask, first) = (Matrix.Of(residual), Matrix.Of(x), Matrix.Of(y), Matrix.Of(gates), Matrix.Of(call.HiddenMask), Matrix.Of(call.OutputMask), call.First);
        call.Share(call.Rows.Length, (_, stretch) =>
        {
            using var frame = Scratch.Open();
            var weights = Packing.Here(frame, [.. call.Matrices(stretch.Expert).Select(matrix => matrix.Transposed)]);
            var most = Math.Min(stretch.Count, Rows.InCache(first.Width + (first.Hidden * (weights.Length - 1))));
            var (values, gated, space) = (frame.Matrix(most, first.Hidden), weights.Length > 2 ? frame.Matrix(most, first.Hidden) : default, frame.Matrix(most, first.Width));
            foreach (var (place, count) in stretch.Parts(most))
            {
                var rows = call.Rows.AsSpan(place, count);
                var input = space.Slice(0, count);
                var u = kept.Hidden.IsThere ? kept.Hidden.Slice(place, count) : values.Slice(0, count);
                var a = kept.Hidden.IsThere && first.KeepsOutput ? u : values.Slice(0, count); // what the output projection sees
                Rows.Gather(xs, rows, input);
                Blas.Multiply(input, weights[0], u);
                if (weights.Length == 2) first.Function.Apply(u, a);
                else
                {
                    var gate = kept.Gate.IsThere ? kept.Gate.Slice(place, count) : gated.Slice(0, count);
                    Blas.Multiply(input, weights[2], gate);
                    first.Function.Gate(gate, u, a);
                }
                Rows.Scale(a, hiddenMask, place, 1);
                Blas.Multiply(a, weights[1], input);
                Rows.Scale(input, factors, rows, stretch.Expert);
                Rows.Scale(input, outputMask, rows, call.Length);
                Rows.Scatter(input, rows, ys, before);
            }
        });
        foreach (var row in call.Others(xs.Rows)) Rows.CopyOrClear(before, ys, row);
        Products.Executed(2.0 * call.Rows.Length * first.Width * first.Hidden * first.Matrices);
        GC.KeepAlive(residual); // its memory was read by address
        GC.KeepAlive(x);
        GC.KeepAlive(gates);
        return y;
    }

    internal static void Backward(ExpertsCall call, Kept kept, Flow flow, Gradients gradients)
    {
        using var frame = Scratch.Open();
        var sums = new ExpertsGradients(call, gradients, frame);
        var (first, hiddenMask, outputMask) = (call.First, Matrix.Of(call.HiddenMask), Matrix.Of(call.OutputMask));
        call.Share(Chunk, (thread, stretch) =>
        {
            using var mine = Scratch.Open();
            var (weights, all, width, hidden) = (Packing.Here(mine, call.Matrices(stretch.Expert)), stretch.Count, first.Width, first.Hidden);
            var most = Math.Min(all, Rows.InCache(width + (2 * hidden)));
            var (x, dy, dx, dHidden) = (mine.Matrix(all, width), mine.Matrix(all, width), mine.Matrix(most, width), mine.Matrix(all, hidden));
            var dGate = kept.Gate.IsThere ? mine.Matrix(all, hidden) : default;
            var values = first.KeepsOutput ? kept.Hidden.Slice(stretch.First, all) : mine.Matrix(all, hidden); // what the output projection saw
            foreach (var (place, count) in stretch.Parts(most))
            {
                var rows = call.Rows.AsSpan(place, count);
                var done = place - stretch.First;
                var (u, gate) = (kept.Hidden.Slice(place, count), kept.Gate.Slice(place, count));
                var (input, seen, du, a, d) = (x.Slice(done, count), dy.Slice(done, count), dHidden.Slice(done, count), values.Slice(done, count), dx.Slice(0, count));
                Rows.Gather(flow.X, rows, input);
                Rows.Gather(flow.Dy, rows, seen);
                Rows.Scale(seen, outputMask, rows, call.Length);
                Blas.Multiply(seen, weights[1], du);
                if (gate.IsThere) first.Function.Gate(gate, u, a);
                else if (!first.KeepsOutput) first.Function.Apply(u, a);
                if (!first.KeepsOutput) Rows.Scale(a, hiddenMask, place, 1);
                // d factor = dy . output(a) = (output' dy) . a: the expert's output need not be kept.
                for (var row = 0; row < count; row++) flow.DFactors[rows[row]][flow.DFactors.Columns == 1 ? 0 : stretch.Expert] += Rows.Dot(du[row], a[row], hidden);
                Rows.Scale(du, flow.Factors, rows, stretch.Expert);
                Rows.Scale(seen, flow.Factors, rows, stretch.Expert);
                Rows.Scale(du, hiddenMask, place, 1);
                if (gate.IsThere) first.Function.DifferentiateGate(gate, u, du, dGate.Slice(done, count), du);
                else first.Function.Differentiate(u, du);
                Blas.Multiply(du, weights[0], d);
                if (gate.IsThere) Blas.Multiply(dGate.Slice(done, count), weights[2], d, keep: 1);
                Rows.Scatter(d, rows, flow.Dx);
            }
            sums.Add(thread, stretch, 0, dHidden.Transposed, x);
            sums.Add(thread, stretch, 1, dy.Transposed, values);
            if (dGate.IsThere) sums.Add(thread, stretch, 2, dGate.Transposed, x);
        });
        sums.Join();
        foreach (var row in call.Others(flow.Dx.Rows)) Rows.CopyOrClear(default, flow.Dx, row);
    }

    /// <summary>What the backward pass needs of the forward pass, by places.</summary>
    internal readonly record struct Kept(Matrix Hidden, Matrix Gate);

    /// <summary>What goes through: states, gates and gradients of all rows.</summary>
    internal readonly record struct Flow(Matrix X, Matrix Dy, Matrix Dx, Matrix Factors, Matrix DFactors);
}
