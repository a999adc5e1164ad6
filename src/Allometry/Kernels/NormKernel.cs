using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>A norm that stands alone (the last of a stack) as one operation; of its result nothing is kept.</summary>
internal sealed unsafe class NormKernel : autograd.SingleTensorFunction<NormKernel>
{
    private const int Block = 64;

    public override string Name => "Norm";

    /// <summary>x [..., width] -> the same</summary>
    public static Tensor Run(Tensor x, RowNorm norm) => is_grad_enabled() ? apply([x, .. norm.Weights, norm]) : Forward(x, norm, norm.Room(x.numel() / x.size(-1)));

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, norm) = ((Tensor)arguments[0], (RowNorm)arguments[^1]);
        var measured = norm.Room(x.numel() / x.size(-1));
        var y = Forward(x, norm, measured);
        context.Save(norm, x, measured, norm.Scale, norm.Bias);
        return y;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (call, saved) = context.Restore<RowNorm>();
        var (norm, gradients) = (call.With(saved[2], saved[3]), new Gradients());
        using var frame = Scratch.Open();
        using var dy = gradient.contiguous();
        var dx = empty_like(saved[0]!);
        var (from, to, input, rows) = (Matrix.Of(dy), Matrix.Of(dx), Matrix.Of(saved[0]), norm.Over(saved[1]!));
        var dWeights = rows.Gradients(frame);
        Team.Blocks(input.Rows, Block, (thread, first, count) =>
            rows.Differentiate(from.Slice(first, count), input.Slice(first, count), first, default, to.Slice(first, count), thread, dWeights));
        rows.AddTo(gradients, dWeights);
        foreach (var tensor in saved) tensor?.Dispose();
        gradient.Dispose();
        return SavedTensors.Return([dx, .. norm.Weights.Select(gradients.Of), null]);
    }

    private static Tensor Forward(Tensor x, RowNorm norm, Tensor measured)
    {
        var y = empty_like(x);
        var (from, to, rows) = (Matrix.Of(x), Matrix.Of(y), norm.Over(measured));
        Team.Blocks(from.Rows, Block, (_, first, count) =>
        {
            rows.Measure(from.Slice(first, count), first);
            rows.Normed(from.Slice(first, count), first, to.Slice(first, count));
        });
        GC.KeepAlive(x); // its memory was read by address
        GC.KeepAlive(measured); // its memory was read by address
        return y;
    }
}
