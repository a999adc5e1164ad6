using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>The gradient of a bias while it is gathered: the sum of rows. Where there is no bias nothing is gathered.</summary>
internal readonly unsafe struct BiasGradient(Tensor? bias, Scratch.Frame frame)
{
    private readonly Tensor? bias = bias;
    private readonly ThreadSums sums = bias is null ? default : new(frame, bias.numel());

    /// <summary>Adds a block of rows.</summary>
    public void Add(int thread, Matrix rows)
    {
        if (bias is null) return;
        var sum = sums.Begin(thread);
        for (var row = 0; row < rows.Rows; row++) Rows.Add(sum, rows[row], sum, rows.Columns);
        sums.End(thread);
    }

    public void AddTo(Gradients gradients)
    {
        if (bias is not null) gradients.AddRows(bias, sums.Part(0, bias.numel()));
    }
}
