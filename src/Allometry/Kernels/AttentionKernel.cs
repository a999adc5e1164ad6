using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>What a fused attention sublayer computes: x + mask * output(attention(norm(x))), keys and values from the same or from a memory.</summary>
/// <param name="Query">[heads * head width, width], and so are key and value.</param>
/// <param name="Output">[width, heads * head width]</param>
internal sealed record AttentionCall(RowNorm Norm, Tensor Query, Tensor Key, Tensor Value, Tensor Output, int Heads)
{
    /// <summary>Convolutions after the projections; null: none.</summary>
    public AttentionTaps? Taps { get; init; }

    /// <summary>Where keys and values of cross-attention come from, [batch, memory, width].</summary>
    public Tensor? Memory { get; init; }

    /// <summary>Bias by head and distance, [heads, queries + keys - 1]; see <see cref="AttentionCore.Line"/>.</summary>
    public Tensor? Line { get; init; }

    /// <summary>Real keys, bool [batch, keys]; null: all.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Whether a query sees only the keys up to itself, and the first few.</summary>
    public bool Causal { get; init; }

    public long Prefix { get; init; }

    /// <summary>Dropout of the weights, [batch * heads, 1, keys].</summary>
    public Tensor? WeightMask { get; init; }

    /// <summary>Dropout of the sublayer's output, [batch, 1, width].</summary>
    public Tensor? OutputMask { get; init; }

    /// <summary>Query, key, value and output in bfloat16, where products have such operands.</summary>
    public Tensor?[] Rounded { get; init; } = new Tensor?[4];

    public IReadOnlyList<Tensor?> Weights => [.. Norm.Weights, Query, Key, Value, Output, .. Taps?.All ?? []];

    /// <summary>The same with other tensors, in the order of <see cref="Weights"/>.</summary>
    public AttentionCall With(Tensor?[] weights) => this with
    {
        Norm = Norm.With(weights[0], weights[1]),
        Query = weights[2]!,
        Key = weights[3]!,
        Value = weights[4]!,
        Output = weights[5]!,
        Taps = Taps?.With([.. weights[6..].Select(tap => tap!)]),
    };

    public bool QueriesOfKeys => Taps is { Query: null };

    public int Width => (int)Key.size(1);

    public int Inner => (int)Query.size(0);

    /// <summary>Query, key, value and output.</summary>
    public Matrix[] Matrices() => [.. ((Tensor[])[Query, Key, Value, Output]).Zip(Rounded, Matrix.Of)];
}

/// <summary>An attention sublayer as one operation: norm and projections by blocks of rows, then head by head, then the output projection onto the residual stream.</summary>
internal sealed unsafe class AttentionKernel : autograd.SingleTensorFunction<AttentionKernel>
{
    public override string Name => "Attention";

    /// <summary>x [batch, length, width] -> the same</summary>
    public static Tensor Run(Tensor x, AttentionCall call)
    {
        if (is_grad_enabled()) return apply([x, .. call.Weights, call.Memory, call.Line, call]);
        using var kept = Kept.For(x, call);
        return Forward(x, call, kept);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, call) = ((Tensor)arguments[0], (AttentionCall)arguments[^1]);
        var kept = Kept.For(x, call);
        call = call with { Rounded = Bfloat16.Weights(call.Query, call.Key, call.Value, call.Output) };
        var y = Forward(x, call, kept);
        context.Save(call, [x, call.Memory, call.Line, call.KeyMask, call.WeightMask, call.OutputMask, .. call.Rounded, .. call.Weights, .. kept.Tensors]);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var products = context.SamePrecision();
        var (call, saved) = context.Restore<AttentionCall>();
        var behind = 10 + call.Weights.Count;
        call = call.With(saved[10..behind]) with { Rounded = saved[6..10], Memory = saved[1], Line = saved[2], KeyMask = saved[3], WeightMask = saved[4], OutputMask = saved[5] };
        using var dy = gradient.contiguous();
        var (x, dMemory, dLine) = (saved[0]!, call.Memory is null ? null : empty_like(call.Memory), call.Line is null ? null : empty_like(call.Line));
        var (dx, gradients) = (empty_like(x), new Gradients());
        Backward(call, x, new([.. saved[behind..].OfType<Tensor>()]), dy, dx, dMemory, dLine, gradients);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return([dx, .. call.Weights.Select(gradients.Of), dMemory, dLine, null]);
    }

    private static Tensor Forward(Tensor x, AttentionCall call, Kept kept)
    {
        var y = empty_like(x);
        using var frame = Scratch.Open();
        var weights = Packing.All(frame, [.. call.Matrices().Select(matrix => matrix.Transposed)]);
        var (xs, ys, mask, length, cross) = (Matrix.Of(x), Matrix.Of(y), Matrix.Of(call.OutputMask), x.size(1), call.Memory is not null);
        var (flow, projected, norm) = (kept.Flow, kept.Projected(call), call.Norm.Over(kept.Measured));
        var most = Rows.InCache(call.Width + (3 * call.Inner));
        var space = frame.Matrix((long)Team.Size * most, call.Width);
        Team.Blocks(xs.Rows, most, (thread, first, count) =>
        {
            var input = xs.Slice(first, count);
            norm.Measure(input, first);
            var normed = norm.Normed(input, first, space.Slice(thread * most, count));
            if (!call.QueriesOfKeys) Blas.Multiply(normed, weights[0], projected.Query.Slice(first, count));
            if (!cross) Project(normed, weights, projected.Key.Slice(first, count), projected.Value.Slice(first, count));
        });
        if (cross)
        {
            var memory = Matrix.Of(call.Memory);
            Team.Blocks(memory.Rows, most, (_, first, count) => Project(memory.Slice(first, count), weights, flow.Key.Slice(first, count), flow.Value.Slice(first, count)));
        }
        Convolutions.Of(call, length, frame)?.Apply(projected, flow);
        if (call.QueriesOfKeys) Team.Blocks(xs.Rows, most, (_, first, count) => Blas.Multiply(flow.Key.Slice(first, count), weights[0], flow.Query.Slice(first, count)));
        var core = Core(x, call, frame);
        core.Forward(flow, NativeCalls.Floats(kept.Statistics), frame.Floats(Team.Size * core.Space));
        Team.Blocks(xs.Rows, most, (thread, first, count) =>
            Rows.AddProduct(xs.Slice(first, count), flow.Output.Slice(first, count), weights[3], ys.Slice(first, count), mask, first, length, space.Slice(thread * most, count)));
        double rows = xs.Rows, sources = flow.Key.Rows, from = call.QueriesOfKeys ? call.Inner : call.Width;
        Products.Executed(2.0 * call.Inner * ((rows * (from + call.Width)) + (2 * sources * call.Width) + (2 * rows * core.Keys)));
        GC.KeepAlive(x); // its memory was read by address
        return y;
    }

    private static void Project(Matrix source, PackedMatrix[] weights, Matrix keys, Matrix values)
    {
        Blas.Multiply(source, weights[1], keys);
        Blas.Multiply(source, weights[2], values);
    }

    private static void Backward(AttentionCall call, Tensor x, Kept kept, Tensor dy, Tensor dx, Tensor? dMemory, Tensor? dLine, Gradients gradients)
    {
        using var frame = Scratch.Open();
        var weights = Packing.All(frame, call.Matrices());
        var (xs, dxs, dys, mask, length) = (Matrix.Of(x), Matrix.Of(dx), Matrix.Of(dy), Matrix.Of(call.OutputMask), x.size(1));
        var (flow, norm) = (kept.Flow, call.Norm.Over(kept.Measured));
        var most = Rows.InCache(call.Width + (3 * call.Inner));
        var dFlow = flow.Like(frame);
        var (normed, masked) = (frame.Matrix(xs.Rows, call.Width), mask.IsThere ? frame.Matrix(xs.Rows, call.Width) : default);
        Team.Blocks(xs.Rows, most, (_, first, count) =>
            Blas.Multiply(Rows.Masked(dys.Slice(first, count), masked.Slice(first, count), mask, first, length), weights[3], dFlow.Output.Slice(first, count)));

        var core = Core(x, call, frame);
        var lines = dLine is null ? default : frame.Matrix(Team.Size, dLine.numel());
        if (dLine is not null) Rows.Clear(lines);
        core.Backward(flow, dFlow, NativeCalls.Floats(kept.Statistics), lines.Data, frame.Floats(Team.Size * core.Space));
        if (dLine is not null) Rows.Sum(lines, NativeCalls.Floats(dLine));

        if (call.QueriesOfKeys)
        {
            Team.Blocks(xs.Rows, most, (_, first, count) => Blas.Multiply(dFlow.Query.Slice(first, count), weights[0], dFlow.Key.Slice(first, count), keep: 1));
            gradients.Add(call.Query, dFlow.Query.Transposed, flow.Key);
        }
        var dProjected = Convolutions.Of(call, length, frame)?.Differentiate(dFlow, kept.Projected(call), frame, gradients) ?? dFlow;
        var (dNormed, dNorm) = (frame.Matrix((long)Team.Size * most, call.Width), norm.Gradients(frame));
        Team.Blocks(xs.Rows, most, (thread, first, count) =>
        {
            var (input, d) = (xs.Slice(first, count), dNormed.Slice(thread * most, count));
            if (!call.QueriesOfKeys) Blas.Multiply(dProjected.Query.Slice(first, count), weights[0], d);
            if (dMemory is null) ProjectBack(dProjected.Key.Slice(first, count), dProjected.Value.Slice(first, count), weights, d, keep: call.QueriesOfKeys ? 0 : 1);
            norm.Normed(input, first, normed.Slice(first, count));
            norm.Differentiate(d, input, first, dys.Slice(first, count), dxs.Slice(first, count), thread, dNorm);
        });
        var (dSources, sources) = (Matrix.Of(dMemory), dMemory is null ? normed : Matrix.Of(call.Memory));
        if (dMemory is not null)
            Team.Blocks(dSources.Rows, most, (_, first, count) => ProjectBack(dProjected.Key.Slice(first, count), dProjected.Value.Slice(first, count), weights, dSources.Slice(first, count), keep: 0));

        gradients.Add(call.Output, (mask.IsThere ? masked : dys).Transposed, flow.Output);
        if (!call.QueriesOfKeys) gradients.Add(call.Query, dProjected.Query.Transposed, normed);
        gradients.Add(call.Key, dProjected.Key.Transposed, sources);
        gradients.Add(call.Value, dProjected.Value.Transposed, sources);
        norm.AddTo(gradients, dNorm);
    }

    private static void ProjectBack(Matrix dKeys, Matrix dValues, PackedMatrix[] weights, Matrix into, float keep)
    {
        Blas.Multiply(dKeys, weights[1], into, keep);
        Blas.Multiply(dValues, weights[2], into, keep: 1);
    }

    private static AttentionCore Core(Tensor x, AttentionCall call, Scratch.Frame frame) => new()
    {
        Batch = (int)x.size(0),
        Heads = call.Heads,
        Queries = (int)x.size(1),
        Keys = (int)(call.Memory ?? x).size(1),
        HeadWidth = call.Inner / call.Heads,
        Causal = call.Causal,
        Prefix = call.Prefix,
        Line = Matrix.Of(call.Line).Data,
        Unseen = Unseen(call.KeyMask, frame),
        FirstReal = FirstReal(call.KeyMask, frame),
        Zeros = Zeros((call.Memory ?? x).size(1), frame),
        Mask = Matrix.Of(call.WeightMask).Data,
    };

    private static float* Zeros(long count, Scratch.Frame frame)
    {
        var zeros = frame.Floats(count);
        new Span<float>(zeros, (int)count).Clear();
        return zeros;
    }

    internal static float* Unseen(Tensor? mask, Scratch.Frame frame)
    {
        if (mask is null) return null;
        using var dense = mask.contiguous();
        var real = NativeCalls.Bytes(dense);
        var count = dense.numel();
        var unseen = frame.Floats(count);
        for (var i = 0L; i < count; i++) unseen[i] = real[i] != 0 ? 0 : AttentionRows.Hidden;
        return unseen;
    }

    /// <summary>The first real key of each sequence, or their number where it has none.</summary>
    private static int* FirstReal(Tensor? mask, Scratch.Frame frame)
    {
        if (mask is null) return null;
        using var dense = mask.contiguous();
        var (batch, keys) = (mask.size(0), (int)mask.size(1));
        var first = (int*)frame.Floats(batch);
        for (var i = 0L; i < batch; i++)
        {
            var real = new Span<byte>(NativeCalls.Bytes(dense) + (i * keys), keys).IndexOfAnyExcept((byte)0);
            first[i] = real < 0 ? keys : real;
        }
        return first;
    }

    /// <summary>What the backward pass needs of the forward pass.</summary>
    private sealed class Kept(IReadOnlyList<Tensor> tensors) : IDisposable
    {
        public IReadOnlyList<Tensor> Tensors => tensors;

        /// <summary>Of the norm.</summary>
        public Tensor Measured => tensors[0];

        /// <summary>Largest score and reciprocal sum of each query of each head.</summary>
        public Tensor Statistics => tensors[1];

        /// <summary>What attention sees and finds.</summary>
        public AttentionFlow Flow => new(Matrix.Of(tensors[2]), Matrix.Of(tensors[3]), Matrix.Of(tensors[4]), Matrix.Of(tensors[5]));

        public static Kept For(Tensor x, AttentionCall call)
        {
            var (rows, memoryRows) = (x.numel() / call.Width, (call.Memory ?? x).numel() / call.Width);
            Tensor Of(long count) => empty(count, call.Inner);
            Tensor[] always = [call.Norm.Room(rows), empty(rows * call.Heads * 2), Of(rows), Of(memoryRows), Of(memoryRows), Of(rows)];
            return new([.. always, .. call.Taps is null ? [] : (Tensor[])[Of(rows), Of(rows)], .. call.Taps?.Query is null ? [] : (Tensor[])[Of(rows)]]);
        }

        /// <summary>What was projected: without convolutions that is what attention sees.</summary>
        public AttentionFlow Projected(AttentionCall call) => call.Taps is null ? Flow : new(tensors.Count > 8 ? Matrix.Of(tensors[8]) : default, Matrix.Of(tensors[6]), Matrix.Of(tensors[7]), default);

        public void Dispose()
        {
            foreach (var tensor in tensors) tensor.Dispose();
        }
    }
}
