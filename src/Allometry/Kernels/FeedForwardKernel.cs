using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// What a fused feed-forward sublayer computes: x + mask2 * output(mask1 * f(input(norm(x)))), or with f(gate(.)) * input(.) where there is a gate. Without a norm it is the transformation alone,
/// mask2 * output(mask1 * f(input(x))).
/// </summary>
/// <param name="Input">[hidden, width], and so is the gate.</param>
/// <param name="Output">[width, hidden]</param>
internal sealed record FeedForwardCall(RowNorm? Norm, Tensor? Gate, Tensor Input, Tensor Output, Elementwise Function)
{
    /// <summary>[hidden], and so is the gate's; null: none.</summary>
    public Tensor? InputBias { get; init; }

    public Tensor? GateBias { get; init; }

    /// <summary>[width]</summary>
    public Tensor? OutputBias { get; init; }

    /// <summary>Dropout of the hidden values, [batch, 1, hidden].</summary>
    public Tensor? HiddenMask { get; init; }

    /// <summary>Dropout of the sublayer's output, [batch, 1, width].</summary>
    public Tensor? OutputMask { get; init; }

    /// <summary>Whether the function's derivative can be taken at its value, so that only that is kept.</summary>
    public bool KeepsOutput => Gate is null && Function == Elementwise.Relu;

    /// <summary>Input, output and gate in bfloat16, where products have such operands.</summary>
    public Tensor?[] Rounded { get; init; } = new Tensor?[3];

    public IReadOnlyList<Tensor?> Weights => [Norm?.Scale, Norm?.Bias, Input, Output, Gate, InputBias, OutputBias, GateBias];

    /// <summary>The same with other tensors, in the order of <see cref="Weights"/>.</summary>
    public FeedForwardCall With(ReadOnlySpan<Tensor?> weights) => this with
    {
        Norm = Norm?.With(weights[0], weights[1]),
        Input = weights[2]!,
        Output = weights[3]!,
        Gate = weights[4],
        InputBias = weights[5],
        OutputBias = weights[6],
        GateBias = weights[7],
    };

    public int Width => (int)Input.size(1);

    public int Hidden => (int)Input.size(0);

    /// <summary>Input, output and, where there is one, gate.</summary>
    public Matrix[] Matrices() => [.. ((Tensor?[])[Input, Output, Gate]).Zip(Rounded, Matrix.Of).Where(matrix => matrix.IsThere)];
}

/// <summary>
/// A feed-forward sublayer as one operation. Blocks of rows go through norm, products and function while they are in the cache; the backward pass is written by hand and computes the norm's output again.
/// </summary>
internal sealed unsafe class FeedForwardKernel : autograd.SingleTensorFunction<FeedForwardKernel>
{
    private const int Chunk = 2048;

    public override string Name => "FeedForward";

    /// <summary>x [batch, length, width] -> the same</summary>
    public static Tensor Run(Tensor x, FeedForwardCall call)
    {
        if (is_grad_enabled()) return apply([x, .. call.Weights, call]);
        return Forward(x, call, new(call.Norm?.Room(x.numel() / call.Width), null, null));
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, call) = ((Tensor)arguments[0], (FeedForwardCall)arguments[^1]);
        var rows = x.numel() / call.Width;
        var kept = new Kept(call.Norm?.Room(rows), empty(rows, call.Hidden), call.Gate is null ? null : empty(rows, call.Hidden));
        call = call with { Rounded = Bfloat16.Weights(call.Input, call.Output, call.Gate) };
        var y = Forward(x, call, kept);
        context.Save(call, [x, kept.Measured, kept.Hidden, kept.Gate, call.HiddenMask, call.OutputMask, .. call.Rounded, .. call.Weights]);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var products = context.SamePrecision();
        var (call, saved) = context.Restore<FeedForwardCall>();
        call = call.With(saved.AsSpan(9)) with { HiddenMask = saved[4], OutputMask = saved[5], Rounded = saved[6..9] };
        using var dy = gradient.contiguous();
        var (dx, gradients) = (empty_like(saved[0]!), new Gradients());
        Backward(call, saved[0]!, new(saved[1], saved[2], saved[3]), dy, dx, gradients);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return([dx, .. call.Weights.Select(gradients.Of), null]);
    }

    private static Tensor Forward(Tensor x, FeedForwardCall call, Kept kept)
    {
        var y = empty_like(x);
        using var frame = Scratch.Open();
        var weights = Packing.All(frame, [.. call.Matrices().Select(matrix => matrix.Transposed)]);
        var (xs, ys, length, norm) = (Matrix.Of(x), Matrix.Of(y), x.size(1), kept.Norm(call));
        float* inputBias = NativeCalls.FloatsOf(call.InputBias), gateBias = NativeCalls.FloatsOf(call.GateBias), outputBias = NativeCalls.FloatsOf(call.OutputBias);
        var (hidden, gates, hiddenMask, outputMask) = (Matrix.Of(kept.Hidden), Matrix.Of(kept.Gate), Matrix.Of(call.HiddenMask), Matrix.Of(call.OutputMask));
        var most = Rows.InCache(call.Width + (call.Hidden * (call.Gate is null ? 1 : 2)));
        var each = (long)Team.Size * most;
        var (normed, values, gated, space) = (frame.Matrix(each, call.Width), frame.Matrix(each, call.Hidden), call.Gate is null ? default : frame.Matrix(each, call.Hidden), frame.Matrix(each, call.Width));
        Team.Blocks(xs.Rows, most, (thread, first, count) =>
        {
            var mine = thread * most;
            var input = xs.Slice(first, count);
            var u = hidden.IsThere ? hidden.Slice(first, count) : values.Slice(mine, count);
            var a = hidden.IsThere && call.KeepsOutput ? u : values.Slice(mine, count); // what the output projection sees
            norm.Measure(input, first);
            var n = norm.Normed(input, first, normed.Slice(mine, count));
            Rows.Product(n, weights[0], u, inputBias);
            if (call.Gate is null) call.Function.Apply(u, a);
            else
            {
                var gate = gates.IsThere ? gates.Slice(first, count) : gated.Slice(mine, count);
                Rows.Product(n, weights[2], gate, gateBias);
                call.Function.Gate(gate, u, a);
            }
            Rows.Scale(a, hiddenMask, first, length);
            Rows.AddProduct(norm.IsThere ? input : default, a, weights[1], ys.Slice(first, count), outputMask, first, length, space.Slice(mine, count), outputBias);
        });
        Products.Executed(2.0 * xs.Cells * call.Hidden * weights.Length);
        GC.KeepAlive(x); // its memory was read by address
        return y;
    }

    private static void Backward(FeedForwardCall call, Tensor x, Kept kept, Tensor dy, Tensor dx, Gradients gradients)
    {
        using var frame = Scratch.Open();
        var weights = Packing.All(frame, call.Matrices());
        var (xs, dxs, dys, length, norm) = (Matrix.Of(x), Matrix.Of(dx), Matrix.Of(dy), x.size(1), kept.Norm(call));
        var (hidden, gates, hiddenMask, outputMask) = (Matrix.Of(kept.Hidden), Matrix.Of(kept.Gate), Matrix.Of(call.HiddenMask), Matrix.Of(call.OutputMask));
        var (most, chunk) = (Rows.InCache(call.Width + (2 * call.Hidden)), Math.Min(xs.Rows, Chunk));
        var (normed, dHidden, dNormed, dNorm) = (frame.Matrix(chunk, call.Width), frame.Matrix(chunk, call.Hidden), frame.Matrix((long)Team.Size * most, call.Width), norm.Gradients(frame));
        BiasGradient dInputBias = new(call.InputBias, frame), dGateBias = new(call.GateBias, frame), dOutputBias = new(call.OutputBias, frame);
        var values = call.KeepsOutput ? default : frame.Matrix(chunk, call.Hidden); // what the output projection saw
        var (dGate, masked) = (gates.IsThere ? frame.Matrix(chunk, call.Hidden) : default, outputMask.IsThere ? frame.Matrix(chunk, call.Width) : default);
        for (var begin = 0; begin < xs.Rows; begin += chunk)
        {
            var (here, part) = (begin, Math.Min(chunk, xs.Rows - begin));
            Team.Blocks(part, most, (thread, first, count) =>
            {
                var row = here + first;
                var (input, u, residual) = (xs.Slice(row, count), hidden.Slice(row, count), dys.Slice(row, count));
                var (du, dn) = (dHidden.Slice(first, count), norm.IsThere ? dNormed.Slice(thread * most, count) : dxs.Slice(row, count));
                var d = Rows.Masked(residual, masked.Slice(first, count), outputMask, row, length);
                dOutputBias.Add(thread, d);
                Blas.Multiply(d, weights[1], du);
                Rows.Scale(du, hiddenMask, row, length);
                if (gates.IsThere)
                {
                    call.Function.Gate(gates.Slice(row, count), u, values.Slice(first, count));
                    call.Function.DifferentiateGate(gates.Slice(row, count), u, du, dGate.Slice(first, count), du);
                }
                else
                {
                    if (!call.KeepsOutput) call.Function.Apply(u, values.Slice(first, count));
                    call.Function.Differentiate(u, du);
                }
                dInputBias.Add(thread, du);
                if (gates.IsThere) dGateBias.Add(thread, dGate.Slice(first, count));
                if (!call.KeepsOutput) Rows.Scale(values.Slice(first, count), hiddenMask, row, length);
                Blas.Multiply(du, weights[0], dn);
                if (gates.IsThere) Blas.Multiply(dGate.Slice(first, count), weights[2], dn, keep: 1);
                norm.Normed(input, row, normed.Slice(first, count));
                norm.Differentiate(dn, input, row, residual, dxs.Slice(row, count), thread, dNorm);
            });
            var (dOutput, seen, inner) = (outputMask.IsThere ? masked : dys.Slice(here, part), call.KeepsOutput ? hidden.Slice(here, part) : values, norm.IsThere ? normed.Slice(0, part) : xs.Slice(here, part));
            gradients.Add(call.Output, dOutput.Slice(0, part).Transposed, seen.Slice(0, part));
            gradients.Add(call.Input, dHidden.Slice(0, part).Transposed, inner);
            if (call.Gate is not null) gradients.Add(call.Gate, dGate.Slice(0, part).Transposed, inner);
        }
        norm.AddTo(gradients, dNorm);
        dInputBias.AddTo(gradients);
        dGateBias.AddTo(gradients);
        dOutputBias.AddTo(gradients);
    }

    /// <summary>What the backward pass needs of the forward pass.</summary>
    private readonly record struct Kept(Tensor? Measured, Tensor? Hidden, Tensor? Gate)
    {
        public NormRows Norm(FeedForwardCall call) => Measured is null ? default : call.Norm!.Over(Measured);
    }
}
