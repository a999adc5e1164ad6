using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// A norm of rows as kernels know it: each is divided by its root mean square and multiplied by a scale. Where there is a bias the mean is subtracted first and the bias added last.
/// </summary>
/// <param name="Scale">[width], and so is the bias.</param>
/// <param name="Epsilon">Added to the mean square.</param>
internal sealed record RowNorm(Tensor Scale, double Epsilon, Tensor? Bias = null)
{
    public IReadOnlyList<Tensor?> Weights => [Scale, Bias];

    /// <summary>Room for what is measured of so many rows.</summary>
    public Tensor Room(long rows) => empty(rows * (Bias is null ? 1 : 2));

    public RowNorm With(Tensor? scale, Tensor? bias) => this with { Scale = scale!, Bias = bias };

    /// <summary>The norm over rows of which <paramref name="measured"/> has room.</summary>
    public NormRows Over(Tensor measured) => new(this, measured);
}

/// <summary>A norm over rows in memory. The default one is absent: rows are left as they are.</summary>
internal readonly unsafe struct NormRows
{
    private readonly RowNorm norm;
    private readonly float* scale, bias, measured;

    public NormRows(RowNorm norm, Tensor measured)
    {
        this.norm = norm;
        scale = NativeCalls.Floats(norm.Scale);
        bias = NativeCalls.FloatsOf(norm.Bias);
        this.measured = NativeCalls.Floats(measured);
    }

    public bool IsThere => norm is not null;

    /// <summary>Measures rows from first on.</summary>
    public void Measure(Matrix x, long first)
    {
        if (!IsThere) return;
        if (bias == null) RmsNorm.Measure(x, measured + first, (float)norm.Epsilon);
        else for (var row = 0; row < x.Rows; row++) CentredNorm.Measure(x[row], x.Columns, (float)norm.Epsilon, At(first + row));
    }

    /// <summary>Rows from first on, measured before, with their norm written elsewhere; the rows themselves where the norm is absent.</summary>
    public Matrix Normed(Matrix x, long first, Matrix into)
    {
        if (!IsThere) return x;
        if (bias == null) RmsNorm.Apply(x, measured + first, scale, into);
        else for (var row = 0; row < x.Rows; row++) CentredNorm.Apply(x[row], At(first + row), scale, bias, into[row], x.Columns);
        return into;
    }

    /// <summary>dx = residual (which may be absent) + what reaches x through the norm from dy; adds to a thread's gradients of the weights.</summary>
    public void Differentiate(Matrix dy, Matrix x, long first, Matrix residual, Matrix dx, int thread, ThreadSums dWeights)
    {
        if (!IsThere) return;
        var sums = dWeights.Begin(thread);
        if (bias == null) RmsNorm.Differentiate(dy, x, measured + first, scale, residual, dx, sums);
        else for (var row = 0; row < x.Rows; row++)
            CentredNorm.Differentiate(new(dy[row], x[row], residual.IsThere ? residual[row] : null, dx[row]), At(first + row), scale, sums, x.Columns);
        dWeights.End(thread);
    }

    /// <summary>Where threads gather the gradients of the weights.</summary>
    public ThreadSums Gradients(Scratch.Frame frame) => IsThere ? new(frame, norm.Scale.numel() * (bias == null ? 1 : 2)) : default;

    /// <summary>Adds what the threads gathered.</summary>
    public void AddTo(Gradients gradients, ThreadSums gathered)
    {
        if (!IsThere) return;
        var width = norm.Scale.numel();
        gradients.AddRows(norm.Scale, gathered.Part(0, width));
        if (norm.Bias is not null) gradients.AddRows(norm.Bias, gathered.Part(width, width));
    }

    private float* At(long row) => measured + (2 * row);
}
