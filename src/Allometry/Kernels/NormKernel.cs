using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>A norm that stands alone (the last of a stack) as one operation; of its result nothing is kept.</summary>
internal sealed unsafe class NormKernel : autograd.SingleTensorFunction<NormKernel>
{
    private const int Block = 64;

    public override string Name => "Norm";

    /// <summary>x [..., width], scale [width] -> <see cref="RmsNorm.Plain"/> of them.</summary>
    public static Tensor Run(Tensor x, Tensor scale, double epsilon) =>
        is_grad_enabled() ? apply(x, scale, new Call(scale, epsilon)) : Forward(x, new(scale, epsilon), empty(x.numel() / x.size(-1)));

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, call) = ((Tensor)arguments[0], (Call)arguments[^1]);
        var reciprocals = empty(x.numel() / x.size(-1));
        var y = Forward(x, call, reciprocals);
        context.Save(call, x, reciprocals, call.Scale);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (call, saved) = context.Restore<Call>();
        call = call with { Scale = saved[2]! };
        var gradients = new Gradients();
        using var frame = Scratch.Open();
        using var dy = gradient.contiguous();
        var dx = empty_like(saved[0]!);
        var (from, to, input, dScale) = (Matrix.Of(dy), Matrix.Of(dx), Matrix.Of(saved[0]), frame.Matrix(Team.Size, call.Scale.numel()));
        float* reciprocals = NativeCalls.Floats(saved[1]!), scale = NativeCalls.Floats(call.Scale);
        Rows.Clear(dScale);
        Team.Blocks(input.Rows, Block, (thread, first, count) =>
            RmsNorm.Differentiate(from.Slice(first, count), input.Slice(first, count), reciprocals + first, scale, default, to.Slice(first, count), dScale[thread]));
        gradients.AddRows(call.Scale, dScale);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return(dx, gradients.Of(call.Scale), null);
    }

    private static Tensor Forward(Tensor x, Call call, Tensor reciprocals)
    {
        var y = empty_like(x);
        var (from, to) = (Matrix.Of(x), Matrix.Of(y));
        float* r = NativeCalls.Floats(reciprocals), scale = NativeCalls.Floats(call.Scale);
        Team.Blocks(from.Rows, Block, (_, first, count) =>
        {
            RmsNorm.Measure(from.Slice(first, count), r + first, (float)call.Epsilon);
            RmsNorm.Apply(from.Slice(first, count), r + first, scale, to.Slice(first, count));
        });
        GC.KeepAlive(x); // its memory was read by address
        GC.KeepAlive(reciprocals); // its memory was read by address
        return y;
    }

    private sealed record Call(Tensor Scale, double Epsilon);
}
