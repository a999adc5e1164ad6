using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>A function of single numbers with its derivative, over whole stretches of memory.</summary>
internal abstract unsafe class Elementwise
{
    public static Elementwise Relu { get; } = new Elementwise<ReluFunction>();

    public static Elementwise SquaredRelu { get; } = new Elementwise<SquaredReluFunction>();

    public static Elementwise Gelu { get; } = new Elementwise<GeluFunction>();

    public static Elementwise Silu { get; } = new Elementwise<SiluFunction>();

    /// <summary>y = f(x); y may be x.</summary>
    public void Apply(Matrix x, Matrix y) => Apply(x.Data, y.Data, x.Cells);

    /// <summary>y = f(gate) u; y may be one of them.</summary>
    public void Gate(Matrix gate, Matrix u, Matrix y) => Gate(gate.Data, u.Data, y.Data, gate.Cells);

    /// <summary>dy becomes dy f'(x).</summary>
    public void Differentiate(Matrix x, Matrix dy) => Differentiate(x.Data, dy.Data, x.Cells);

    /// <summary>From dy, the gradient of y = f(gate) u: dGate and dU, which may be dy.</summary>
    public void DifferentiateGate(Matrix gate, Matrix u, Matrix dy, Matrix dGate, Matrix dU) => DifferentiateGate(gate.Data, u.Data, dy.Data, dGate.Data, dU.Data, gate.Cells);

    protected abstract void Apply(float* x, float* y, long count);

    protected abstract void Gate(float* gate, float* u, float* y, long count);

    protected abstract void Differentiate(float* x, float* dy, long count);

    protected abstract void DifferentiateGate(float* gate, float* u, float* dy, float* dGate, float* dU, long count);
}

/// <summary>Value and derivative at sixteen points.</summary>
internal interface IFunction
{
    static abstract (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> x);
}

internal sealed unsafe class Elementwise<TFunction> : Elementwise where TFunction : struct, IFunction
{
    protected override void Apply(float* x, float* y, long count)
    {
        for (; count > 0; count -= Lanes.Count, x += Lanes.Count, y += Lanes.Count)
        {
            var left = (int)Math.Min(count, Lanes.Count);
            Lanes.Store(TFunction.At(Lanes.Load(x, left)).Value, y, left);
        }
    }

    protected override void Gate(float* gate, float* u, float* y, long count)
    {
        for (; count > 0; count -= Lanes.Count, gate += Lanes.Count, u += Lanes.Count, y += Lanes.Count)
        {
            var left = (int)Math.Min(count, Lanes.Count);
            Lanes.Store(TFunction.At(Lanes.Load(gate, left)).Value * Lanes.Load(u, left), y, left);
        }
    }

    protected override void Differentiate(float* x, float* dy, long count)
    {
        for (; count > 0; count -= Lanes.Count, x += Lanes.Count, dy += Lanes.Count)
        {
            var left = (int)Math.Min(count, Lanes.Count);
            Lanes.Store(TFunction.At(Lanes.Load(x, left)).Slope * Lanes.Load(dy, left), dy, left);
        }
    }

    protected override void DifferentiateGate(float* gate, float* u, float* dy, float* dGate, float* dU, long count)
    {
        for (; count > 0; count -= Lanes.Count, gate += Lanes.Count, u += Lanes.Count, dy += Lanes.Count, dGate += Lanes.Count, dU += Lanes.Count)
        {
            var left = (int)Math.Min(count, Lanes.Count);
            var (value, slope) = TFunction.At(Lanes.Load(gate, left));
            var (d, other) = (Lanes.Load(dy, left), Lanes.Load(u, left));
            Lanes.Store(d * other * slope, dGate, left);
            Lanes.Store(d * value, dU, left);
        }
    }
}

/// <summary>max(x, 0); the derivative can be taken at the value as well.</summary>
internal readonly struct ReluFunction : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> x) =>
        (Vector512.Max(x, default), Vector512.GreaterThan(x, default) & Vector512<float>.One);
}

/// <summary>max(x, 0)^2</summary>
internal readonly struct SquaredReluFunction : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> x)
    {
        var positive = Vector512.Max(x, default);
        return (positive * positive, positive + positive);
    }
}

/// <summary>0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), with 0.5 (1 + tanh u) = sigmoid(2 u), which loses nothing where tanh is near -1.</summary>
internal readonly struct GeluFunction : IFunction
{
    private const float Inner = 1.5957691216f, Cubic = 0.044715f; // 2 sqrt(2 / pi)

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> x)
    {
        var square = x * x;
        var s = SiluFunction.Sigmoid(x * Lanes.All(Inner) * Lanes.MultiplyAdd(square, Lanes.All(Cubic), Vector512<float>.One));
        var growth = Lanes.All(Inner) * Lanes.MultiplyAdd(square, Lanes.All(3 * Cubic), Vector512<float>.One);
        return (x * s, Lanes.MultiplyAdd(x * s * (Vector512<float>.One - s), growth, s));
    }
}

/// <summary>x sigmoid(x)</summary>
internal readonly struct SiluFunction : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> x)
    {
        var s = Sigmoid(x);
        return (x * s, Lanes.MultiplyAdd(x * s, Vector512<float>.One - s, s));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Lanes.Exp(-x));
}
