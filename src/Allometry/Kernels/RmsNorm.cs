using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Root-mean-square normalisation: x * rsqrt(mean(x^2) + epsilon) * scale.</summary>
public static unsafe class RmsNorm
{
    /// <summary>From library operations. x [..., width], scale [width].</summary>
    public static Tensor Plain(Tensor x, Tensor scale, double epsilon) =>
        x * rsqrt(x.square().mean([-1], keepdim: true) + epsilon) * scale;

    /// <summary>The reciprocal root mean squares of rows.</summary>
    internal static void Measure(Matrix x, float* reciprocals, float epsilon)
    {
        for (var row = 0; row < x.Rows; row++)
            reciprocals[row] = 1 / MathF.Sqrt((float)(Norms.SumOfSquares(x[row], x.Columns) / x.Columns) + epsilon);
    }

    /// <summary>y = x * reciprocal * scale, by rows.</summary>
    internal static void Apply(Matrix x, float* reciprocals, float* scale, Matrix y)
    {
        for (var row = 0; row < x.Rows; row++) Apply(x[row], reciprocals[row], scale, y[row], x.Columns);
    }

    /// <summary>dx = residual (which may be absent) + what reaches x through the norm from dy; adds to the gradient of the scale.</summary>
    internal static void Differentiate(Matrix dy, Matrix x, float* reciprocals, float* scale, Matrix residual, Matrix dx, float* dScale)
    {
        for (var row = 0; row < x.Rows; row++)
        {
            AddToScale(dy[row], x[row], dScale, reciprocals[row], x.Columns);
            Differentiate(dy[row], x[row], reciprocals[row], scale, residual.IsThere ? residual[row] : null, dx[row], x.Columns);
        }
    }

    private static void Apply(float* x, float reciprocal, float* scale, float* y, int width)
    {
        var factor = Lanes.All(reciprocal);
        var i = 0;
        for (; i <= width - Lanes.Count; i += Lanes.Count) (Vector512.Load(x + i) * factor * Vector512.Load(scale + i)).Store(y + i);
        if (i < width) Lanes.Store(Lanes.Load(x + i, width - i) * factor * Lanes.Load(scale + i, width - i), y + i, width - i);
    }

    private static void Differentiate(float* dy, float* x, float reciprocal, float* scale, float* residual, float* dx, int width)
    {
        var along = Along(dy, x, scale, width);
        var (factor, pull) = (Lanes.All(reciprocal), Lanes.All(-along / width * reciprocal * reciprocal * reciprocal));
        var i = 0;
        for (; i <= width - Lanes.Count; i += Lanes.Count) One(dy + i, x + i, scale + i, residual == null ? null : residual + i, dx + i, factor, pull, Lanes.Count);
        if (i < width) One(dy + i, x + i, scale + i, residual == null ? null : residual + i, dx + i, factor, pull, width - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One(float* dy, float* x, float* scale, float* residual, float* dx, Vector512<float> factor, Vector512<float> pull, int left)
    {
        var through = Lanes.Load(dy, left) * Lanes.Load(scale, left);
        var direct = Lanes.MultiplyAdd(through, factor, residual == null ? default : Lanes.Load(residual, left));
        Lanes.Store(Lanes.MultiplyAdd(Lanes.Load(x, left), pull, direct), dx, left);
    }

    private static float Along(float* dy, float* x, float* scale, int width)
    {
        Vector512<float> sum = default;
        var i = 0;
        for (; i <= width - Lanes.Count; i += Lanes.Count) sum = Lanes.MultiplyAdd(Vector512.Load(dy + i) * Vector512.Load(scale + i), Vector512.Load(x + i), sum);
        if (i < width) sum = Lanes.MultiplyAdd(Lanes.Load(dy + i, width - i) * Lanes.Load(scale + i, width - i), Lanes.Load(x + i, width - i), sum);
        return Vector512.Sum(sum);
    }

    private static void AddToScale(float* dy, float* x, float* dScale, float reciprocal, int width)
    {
        var factor = Lanes.All(reciprocal);
        var i = 0;
        for (; i <= width - Lanes.Count; i += Lanes.Count) Lanes.MultiplyAdd(Vector512.Load(dy + i) * Vector512.Load(x + i), factor, Vector512.Load(dScale + i)).Store(dScale + i);
        for (; i < width; i++) dScale[i] += dy[i] * x[i] * reciprocal;
    }
}
