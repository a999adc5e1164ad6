using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Windowed attention between its projections as one operation. What it keeps for the backward pass is no larger than the queries.</summary>
internal sealed unsafe class WindowKernel : autograd.SingleTensorFunction<WindowKernel>
{
    public override string Name => "Window";

    /// <summary>-> [batch, length, heads * head width]</summary>
    public static Tensor Run(WindowCall call)
    {
        if (is_grad_enabled()) return apply(call.Query, call.Key, call.Value, call.GlobalKey!, call.GlobalValue!, call.Line!, call.GlobalLine!, call);
        using var statistics = Statistics(call);
        return Forward(call, statistics);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var call = (WindowCall)arguments[^1];
        var statistics = Statistics(call);
        var y = Forward(call, statistics);
        context.Save(call, [call.Query, call.Key, call.Value, call.GlobalKey, call.GlobalValue, call.Line, call.GlobalLine, call.KeyMask, call.Blocks, call.WeightMask, statistics]);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var products = context.SamePrecision();
        var (call, saved) = context.Restore<WindowCall>();
        call = call with { Query = saved[0]!, Key = saved[1]!, Value = saved[2]!, GlobalKey = saved[3], GlobalValue = saved[4], Line = saved[5], GlobalLine = saved[6] };
        call = call with { KeyMask = saved[7], Blocks = saved[8], WeightMask = saved[9] };
        using var dy = gradient.contiguous();
        Tensor?[] d = [empty_like(call.Query), .. ((Tensor?[])[call.Key, call.Value, call.GlobalKey, call.GlobalValue]).Select(Zeros), Empty(call.Line), Empty(call.GlobalLine)];
        Backward(call, saved[10]!, dy, d);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return([.. d, null]);
    }

    private static Tensor Forward(WindowCall call, Tensor statistics)
    {
        var y = empty_like(call.Query);
        using var frame = Scratch.Open();
        var core = Core(call, frame);
        core.Forward(Flow(call, y), NativeCalls.Floats(statistics), frame.Floats(Team.Size * core.Space));
        KeepAlive(call);
        return y;
    }

    private static void Backward(WindowCall call, Tensor statistics, Tensor dy, Tensor?[] d)
    {
        using var frame = Scratch.Open();
        var core = Core(call, frame);
        var (lines, globalLines) = (Copies(d[5], frame), Copies(d[6], frame));
        var gradients = new WindowFlow(Matrix.Of(d[0]), Matrix.Of(d[1]), Matrix.Of(d[2]), Matrix.Of(d[3]), Matrix.Of(d[4]), Matrix.Of(dy));
        core.Backward(Flow(call, null), gradients, NativeCalls.Floats(statistics), lines, globalLines, frame.Floats(Team.Size * core.Space));
        if (lines.IsThere) Rows.Sum(lines, NativeCalls.Floats(d[5]!));
        if (globalLines.IsThere) Rows.Sum(globalLines, NativeCalls.Floats(d[6]!));
        KeepAlive(call);
    }

    /// <summary>A line's gradient for each thread.</summary>
    private static Matrix Copies(Tensor? line, Scratch.Frame frame)
    {
        if (line is null) return default;
        var copies = frame.Matrix(Team.Size, line.numel());
        Rows.Clear(copies);
        return copies;
    }

    private static WindowFlow Flow(WindowCall call, Tensor? output) =>
        new(Matrix.Of(call.Query), Matrix.Of(call.Key), Matrix.Of(call.Value), Matrix.Of(call.GlobalKey), Matrix.Of(call.GlobalValue), Matrix.Of(output));

    private static WindowCore Core(WindowCall call, Scratch.Frame frame) => new()
    {
        Batch = call.Batch,
        Heads = call.Heads,
        Length = call.Length,
        Globals = call.Globals,
        HeadWidth = call.Inner / call.Heads,
        Radius = call.Radius,
        Line = Matrix.Of(call.Line).Data,
        GlobalLine = Matrix.Of(call.GlobalLine).Data,
        Blocks = call.Blocks is null ? null : NativeCalls.Longs(call.Blocks),
        Unseen = AttentionKernel.Unseen(call.KeyMask, frame),
        Mask = Matrix.Of(call.WeightMask).Data,
        MaskBlock = call.Block,
    };

    private static Tensor Statistics(WindowCall call) => empty(2L * call.Batch * call.Heads * call.Length);

    private static Tensor? Zeros(Tensor? like) => like is null ? null : zeros_like(like);

    private static Tensor? Empty(Tensor? like) => like is null ? null : empty_like(like);

    // The memory of its tensors was read by address.
    private static void KeepAlive(WindowCall call) => GC.KeepAlive(call);
}
