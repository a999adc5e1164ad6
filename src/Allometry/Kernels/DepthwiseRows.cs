using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Causal depth-wise convolution of rows [row, channels] in sequences of one length: y[t] = sum over taps of tap * x[t - tap's number]. Rows before a sequence, and those that are not real, count as zero.
/// </summary>
internal readonly unsafe struct DepthwiseRows
{
    private const int Block = 64;

    private readonly IReadOnlyList<Tensor> weights;
    private readonly nint[] taps; // each [channels], that of the row itself first
    private readonly long length;
    private readonly byte* real; // [row]; null: all are

    public DepthwiseRows(IReadOnlyList<Tensor> weights, long length, byte* real)
    {
        (this.weights, this.length) = (weights, length);
        taps = [.. weights.Select(tap => (nint)NativeCalls.Floats(tap))];
        this.real = real;
    }

    public void Apply(Matrix x, Matrix y)
    {
        var rows = this;
        Team.Blocks(x.Rows, Block, (_, first, count) =>
        {
            for (var row = first; row < first + count; row++) rows.ApplyTo(row, x, y[row]);
        });
    }

    /// <summary>From dy: dx, and what it adds to the gradients of the taps.</summary>
    public void Differentiate(Matrix dy, Matrix x, Matrix dx, Scratch.Frame frame, Gradients gradients)
    {
        var rows = this;
        var dTaps = new ThreadSums(frame, (long)taps.Length * x.Columns);
        Team.Blocks(x.Rows, Block, (thread, first, count) =>
        {
            var sums = dTaps.Begin(thread);
            for (var row = first; row < first + count; row++)
            {
                rows.DifferentiateTo(row, dy, dx[row]);
                rows.AddToTaps(row, dy[row], x, sums);
            }
            dTaps.End(thread);
        });
        for (var tap = 0; tap < taps.Length; tap++) gradients.AddRows(weights[tap], dTaps.Part((long)tap * x.Columns, x.Columns));
    }

    private void ApplyTo(long row, Matrix x, float* y)
    {
        var written = false;
        for (var tap = 0; tap < taps.Length && tap <= row % length; tap++)
        {
            if (!IsReal(row - tap)) continue;
            AddProduct((float*)taps[tap], x[row - tap], y, x.Columns, written);
            written = true;
        }
        if (!written) new Span<float>(y, x.Columns).Clear();
    }

    private void DifferentiateTo(long row, Matrix dy, float* dx)
    {
        if (!IsReal(row)) new Span<float>(dx, dy.Columns).Clear();
        else for (var tap = 0; tap < taps.Length && row % length + tap < length; tap++) AddProduct((float*)taps[tap], dy[row + tap], dx, dy.Columns, tap > 0);
    }

    private void AddToTaps(long row, float* dy, Matrix x, float* dTaps)
    {
        for (var tap = 0; tap < taps.Length && tap <= row % length; tap++)
            if (IsReal(row - tap)) AddProduct(dy, x[row - tap], dTaps + ((long)tap * x.Columns), x.Columns, keep: true);
    }

    private bool IsReal(long row) => real == null || real[row] != 0;

    /// <summary>c = a b, or c += a b.</summary>
    private static void AddProduct(float* a, float* b, float* c, int count, bool keep)
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var left = count - i;
            Lanes.Store(Lanes.MultiplyAdd(Lanes.Load(a + i, left), Lanes.Load(b + i, left), keep ? Lanes.Load(c + i, left) : default), c + i, left);
        }
    }
}
