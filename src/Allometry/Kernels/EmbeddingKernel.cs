using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Rows of a table by their numbers; the backward pass adds to the rows that were taken and touches no others.</summary>
internal sealed unsafe class EmbeddingKernel : autograd.SingleTensorFunction<EmbeddingKernel>
{
    public override string Name => "Embedding";

    /// <summary>ids int64 [batch, length], table [rows, width] -> [batch, length, width]; ids must be rows of the table.</summary>
    public static Tensor Run(Tensor ids, Tensor table) => is_grad_enabled() && table.requires_grad ? apply(table, ids) : Forward(ids, table);

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (table, ids) = ((Tensor)arguments[0], (Tensor)arguments[1]);
        context.Save(Name, table, ids);
        return Forward(ids, table);
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        var (_, saved) = context.Restore<string>();
        var (table, gradients) = (saved[0]!, new Gradients());
        using var ids = saved[1]!.contiguous();
        using var dy = gradient.contiguous();
        var (rows, width) = (table.size(0), table.size(1));
        float* sum = gradients.At(table, out var keep), from = NativeCalls.Floats(dy);
        var number = NativeCalls.Longs(ids);
        var count = ids.numel();
        if (keep == 0) Team.Share(rows, (_, first, end) => NativeMemory.Clear(sum + (first * width), (nuint)((end - first) * width) * sizeof(float)));
        // Each thread has its own rows of the table, so that no two add to the same and the order is that of the tokens.
        Team.Run((thread, threads) =>
        {
            for (var i = 0L; i < count; i++)
                if (number[i] % threads == thread) Rows.Add(sum + (number[i] * width), from + (i * width), sum + (number[i] * width), width);
        });
        foreach (var tensor in saved) tensor!.Dispose();
        gradient.Dispose();
        return SavedTensors.Return(gradients.Of(table), null);
    }

    private static Tensor Forward(Tensor ids, Tensor table)
    {
        using var dense = ids.contiguous();
        var width = table.size(1);
        var y = empty(ids.size(0), ids.size(1), width);
        float* from = NativeCalls.Floats(table), to = NativeCalls.Floats(y);
        var number = NativeCalls.Longs(dense);
        Team.Share(ids.numel(), (_, first, end) =>
        {
            for (var i = first; i < end; i++) Rows.Copy(from + (number[i] * width), to + (i * width), width);
        });
        return y;
    }
}
