using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>What a fused feed-forward sublayer computes: x + mask2 * output(mask1 * f(input(norm(x)))), or with f(gate(.)) * input(.) where there is a gate.</summary>
/// <param name="Scale">[width], the norm's.</param>
/// <param name="Input">[hidden, width], and so is the gate.</param>
/// <param name="Output">[width, hidden]</param>
internal sealed record FeedForwardCall(Tensor Scale, double Epsilon, Tensor? Gate, Tensor Input, Tensor Output, Elementwise Function)
{
    /// <summary>Dropout of the hidden values, [batch, 1, hidden].</summary>
    public Tensor? HiddenMask { get; init; }

    /// <summary>Dropout of the sublayer's output, [batch, 1, width].</summary>
    public Tensor? OutputMask { get; init; }

    /// <summary>Whether the function's derivative can be taken at its value, so that only that is kept.</summary>
    public bool KeepsOutput => Gate is null && Function == Elementwise.Relu;

    public int Width => (int)Input.size(1);

    public int Hidden => (int)Input.size(0);
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
        if (is_grad_enabled()) return apply(x, call.Scale, call.Input, call.Output, call.Gate!, call);
        return Forward(x, call, empty(x.numel() / call.Width), null, null);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, call) = ((Tensor)arguments[0], (FeedForwardCall)arguments[^1]);
        var rows = x.numel() / call.Width;
        var (reciprocals, hidden, gate) = (empty(rows), empty(rows, call.Hidden), call.Gate is null ? null : empty(rows, call.Hidden));
        var y = Forward(x, call, reciprocals, hidden, gate);
        context.Save(call, x, reciprocals, hidden, gate, call.HiddenMask, call.OutputMask, call.Scale, call.Input, call.Output, call.Gate);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (call, saved) = context.Restore<FeedForwardCall>();
        call = call with { HiddenMask = saved[4], OutputMask = saved[5], Scale = saved[6]!, Input = saved[7]!, Output = saved[8]!, Gate = saved[9] };
        using var dy = gradient.contiguous();
        var (dx, gradients) = (empty_like(saved[0]!), new Gradients());
        Backward(call, saved[0]!, new(saved[1]!, saved[2]!, saved[3]), dy, dx, gradients);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return(dx, gradients.Of(call.Scale), gradients.Of(call.Input), gradients.Of(call.Output), gradients.Of(call.Gate), null);
    }

    private static Tensor Forward(Tensor x, FeedForwardCall call, Tensor reciprocals, Tensor? keptHidden, Tensor? keptGate)
    {
        var y = empty_like(x);
        using var frame = Scratch.Open();
        var weights = Packing.All(frame, [Matrix.Of(call.Input).Transposed, Matrix.Of(call.Output).Transposed, .. call.Gate is null ? [] : (Matrix[])[Matrix.Of(call.Gate).Transposed]]);
        var (xs, ys, length) = (Matrix.Of(x), Matrix.Of(y), x.size(1));
        float* r = NativeCalls.Floats(reciprocals), scale = NativeCalls.Floats(call.Scale);
        var (hidden, gates, hiddenMask, outputMask) = (Matrix.Of(keptHidden), Matrix.Of(keptGate), Matrix.Of(call.HiddenMask), Matrix.Of(call.OutputMask));
        var most = Rows.InCache(call.Width + (call.Hidden * (call.Gate is null ? 1 : 2)));
        var each = (long)Team.Size * most;
        var (normed, values, gated, space) = (frame.Matrix(each, call.Width), frame.Matrix(each, call.Hidden), call.Gate is null ? default : frame.Matrix(each, call.Hidden), frame.Matrix(each, call.Width));
        Team.Blocks(xs.Rows, most, (thread, first, count) =>
        {
            var mine = thread * most;
            var (input, n) = (xs.Slice(first, count), normed.Slice(mine, count));
            var u = hidden.IsThere ? hidden.Slice(first, count) : values.Slice(mine, count);
            var a = hidden.IsThere && call.KeepsOutput ? u : values.Slice(mine, count); // what the output projection sees
            RmsNorm.Measure(input, r + first, (float)call.Epsilon);
            RmsNorm.Apply(input, r + first, scale, n);
            Blas.Multiply(n, weights[0], u);
            if (call.Gate is null) call.Function.Apply(u, a);
            else
            {
                var gate = gates.IsThere ? gates.Slice(first, count) : gated.Slice(mine, count);
                Blas.Multiply(n, weights[2], gate);
                call.Function.Gate(gate, u, a);
            }
            Rows.Scale(a, hiddenMask, first, length);
            Rows.AddProduct(input, a, weights[1], ys.Slice(first, count), outputMask, first, length, space.Slice(mine, count));
        });
        Products.Executed(2.0 * xs.Cells * call.Hidden * weights.Length);
        GC.KeepAlive(x); // its memory was read by address
        return y;
    }

    private static void Backward(FeedForwardCall call, Tensor x, Kept kept, Tensor dy, Tensor dx, Gradients gradients)
    {
        using var frame = Scratch.Open();
        var weights = Packing.All(frame, [Matrix.Of(call.Output), Matrix.Of(call.Input), .. call.Gate is null ? [] : (Matrix[])[Matrix.Of(call.Gate)]]);
        var (xs, dxs, dys, length) = (Matrix.Of(x), Matrix.Of(dx), Matrix.Of(dy), x.size(1));
        float* r = NativeCalls.Floats(kept.Reciprocals), scale = NativeCalls.Floats(call.Scale);
        var (hidden, gates, hiddenMask, outputMask) = (Matrix.Of(kept.Hidden), Matrix.Of(kept.Gate), Matrix.Of(call.HiddenMask), Matrix.Of(call.OutputMask));
        var (most, chunk) = (Rows.InCache(call.Width + (2 * call.Hidden)), Math.Min(xs.Rows, Chunk));
        var (normed, dHidden, dNormed, dScale) = (frame.Matrix(chunk, call.Width), frame.Matrix(chunk, call.Hidden), frame.Matrix((long)Team.Size * most, call.Width), frame.Matrix(Team.Size, call.Width));
        var values = call.KeepsOutput ? default : frame.Matrix(chunk, call.Hidden); // what the output projection saw
        var (dGate, masked) = (gates.IsThere ? frame.Matrix(chunk, call.Hidden) : default, outputMask.IsThere ? frame.Matrix(chunk, call.Width) : default);
        Rows.Clear(dScale);
        for (var begin = 0; begin < xs.Rows; begin += chunk)
        {
            var (here, part) = (begin, Math.Min(chunk, xs.Rows - begin));
            Team.Blocks(part, most, (thread, first, count) =>
            {
                var row = here + first;
                var (input, u, residual) = (xs.Slice(row, count), hidden.Slice(row, count), dys.Slice(row, count));
                var (du, n, dn) = (dHidden.Slice(first, count), normed.Slice(first, count), dNormed.Slice(thread * most, count));
                Blas.Multiply(Rows.Masked(residual, masked.Slice(first, count), outputMask, row, length), weights[0], du);
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
                if (!call.KeepsOutput) Rows.Scale(values.Slice(first, count), hiddenMask, row, length);
                Blas.Multiply(du, weights[1], dn);
                if (gates.IsThere) Blas.Multiply(dGate.Slice(first, count), weights[2], dn, keep: 1);
                RmsNorm.Apply(input, r + row, scale, n);
                RmsNorm.Differentiate(dn, input, r + row, scale, residual, dxs.Slice(row, count), dScale[thread]);
            });
            var (dOutput, seen, inner) = (outputMask.IsThere ? masked : dys.Slice(here, part), call.KeepsOutput ? hidden.Slice(here, part) : values, normed.Slice(0, part));
            gradients.Add(call.Output, dOutput.Slice(0, part).Transposed, seen.Slice(0, part));
            gradients.Add(call.Input, dHidden.Slice(0, part).Transposed, inner);
            if (call.Gate is not null) gradients.Add(call.Gate, dGate.Slice(0, part).Transposed, inner);
        }
        gradients.AddRows(call.Scale, dScale);
    }

    /// <summary>What the backward pass needs of the forward pass.</summary>
    private readonly record struct Kept(Tensor Reciprocals, Tensor Hidden, Tensor? Gate);
}
