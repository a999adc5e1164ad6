using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>Where a row's gradients come from and go to; the residual may be null.</summary>
internal readonly unsafe struct NormRow(float* dy, float* x, float* residual, float* dx)
{
    public float* Dy { get; } = dy;

    public float* X { get; } = x;

    public float* Residual { get; } = residual;

    public float* Dx { get; } = dx;
}

/// <summary>Layer normalisation of one row: (x - mean) * reciprocal * scale + bias. Two numbers of each row are kept, its mean and the reciprocal of its deviation.</summary>
internal static unsafe class CentredNorm
{
    public static void Measure(float* x, int width, float epsilon, float* measured)
    {
        var (part, sum, squares) = (Lanes.All(1f / width), Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < width; i += Lanes.Count) sum = Lanes.MultiplyAdd(Lanes.Load(x + i, width - i), part, sum); // parts, since the sum of large numbers may be none
        var mean = Vector512.Sum(sum);
        for (var i = 0; i < width; i += Lanes.Count)
        {
            var centred = Lanes.Load(x + i, width - i, mean) - Lanes.All(mean);
            squares = Lanes.MultiplyAdd(centred, centred, squares);
        }
        (measured[0], measured[1]) = (mean, 1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon));
    }

    public static void Apply(float* x, float* measured, float* scale, float* bias, float* y, int width)
    {
        var (mean, reciprocal) = (Lanes.All(measured[0]), Lanes.All(measured[1]));
        for (var i = 0; i < width; i += Lanes.Count)
        {
            var left = width - i;
            Lanes.Store(Lanes.MultiplyAdd((Lanes.Load(x + i, left) - mean) * reciprocal, Lanes.Load(scale + i, left), Lanes.Load(bias + i, left)), y + i, left);
        }
    }

    /// <summary>dx = residual + reciprocal * (g - mean of g - n * mean of g n) with g = dy * scale and n the row before its scale; adds dy n to the gradients of the scale, and dy to those of the bias behind them.</summary>
    public static void Differentiate(NormRow row, float* measured, float* scale, float* dWeights, int width)
    {
        var (mean, reciprocal) = (Lanes.All(measured[0]), Lanes.All(measured[1]));
        Vector512<float> sum = default, along = default;
        for (var i = 0; i < width; i += Lanes.Count)
        {
            var left = width - i;
            var (dy, n) = (Lanes.Load(row.Dy + i, left), (Lanes.Load(row.X + i, left) - mean) * reciprocal);
            var g = dy * Lanes.Load(scale + i, left);
            (sum, along) = (sum + g, Lanes.MultiplyAdd(g, n, along));
            Lanes.Store(Lanes.MultiplyAdd(dy, n, Lanes.Load(dWeights + i, left)), dWeights + i, left);
            Lanes.Store(dy + Lanes.Load(dWeights + width + i, left), dWeights + width + i, left);
        }
        var (shift, pull) = (Lanes.All(-Vector512.Sum(sum) / width), Lanes.All(-Vector512.Sum(along) / width));
        for (var i = 0; i < width; i += Lanes.Count)
        {
            var left = width - i;
            var n = (Lanes.Load(row.X + i, left) - mean) * reciprocal;
            var g = Lanes.MultiplyAdd(Lanes.Load(row.Dy + i, left), Lanes.Load(scale + i, left), shift);
            Lanes.Store(Lanes.MultiplyAdd(Lanes.MultiplyAdd(n, pull, g), reciprocal, row.Residual == null ? default : Lanes.Load(row.Residual + i, left)), row.Dx + i, left);
        }
    }
}
