using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Allometry.Kernels;

/// <summary>
/// Sixteen floats at a time. <see cref="Vector512{T}"/> is one AVX-512 register where the processor has them, and otherwise two of AVX2 or four of 128 bits, chosen when the program starts.
/// At the end of a row only what is left is read and written.
/// </summary>
internal static unsafe class Lanes
{
    public const int Count = 16;

    // 1.5 x 2^23: a float of this size has no bits for fractions.
    private const float Rounding = 12582912;

    /// <summary>The next floats of a row; where fewer are left the rest is the filling.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from, int left, float filling = 0) => left >= Count ? Vector512.Load(from) : LoadPart(from, left, filling);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* to, int left)
    {
        if (left >= Count) value.Store(to);
        else StorePart(value, to, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> All(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);

    /// <summary>The first elements, and zeros after them.</summary>
    public static Vector512<float> First(Vector512<float> value, int left) => value & Mask(left);

    public static float Largest(Vector512<float> value)
    {
        var half = Vector256.Max(value.GetLower(), value.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    /// <summary>
    /// e^x to about one unit in the last place for x up to 88 (Cephes' expf: x = n ln 2 + r, a polynomial in r). Below -87.3 it is exactly 0 and never a denormal:
    /// denormal probabilities made the products after them six times slower.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => ExpOfNoMoreThan88(Vector512.MinNative(All(88.37f), x)); // of the native minimum the second wins where one is no number: it stays none

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpOfNoMoreThan88(Vector512<float> x)
    {
        var shifted = MultiplyAdd(x, All(1.44269504f), All(Rounding)); // its last bits are the nearest integer
        var n = shifted - All(Rounding);
        var r = MultiplyAdd(n, All(2.12194440e-4f), MultiplyAdd(n, All(-0.693359375f), x));
        var p = MultiplyAdd(All(1.9875691500e-4f), r, All(1.3981999507e-3f));
        p = MultiplyAdd(p, r, All(8.3334519073e-3f));
        p = MultiplyAdd(p, r, All(4.1665795894e-2f));
        p = MultiplyAdd(p, r, All(1.6666665459e-1f));
        p = MultiplyAdd(p, r, All(5.0000001201e-1f));
        p = MultiplyAdd(MultiplyAdd(p, r, Vector512<float>.One), r, Vector512<float>.One);
        var power = (Vector512.ShiftLeft(shifted.AsInt32(), 23) + Vector512<float>.One.AsInt32()).AsSingle(); // 2^n
        return Vector512.ConditionalSelect(Vector512.LessThan(x, All(-87.3f)), Vector512<float>.Zero, p * power);
    }

    private static Vector512<float> LoadPart(float* from, int left, float filling) =>
        Avx512F.IsSupported ? Avx512F.MaskLoad(from, Mask(left), All(filling)) : LoadOneByOne(from, left, filling);

    private static void StorePart(Vector512<float> value, float* to, int left)
    {
        if (Avx512F.IsSupported) Avx512F.MaskStore(to, Mask(left), value);
        else StoreOneByOne(value, to, left);
    }

    /// <summary>All bits of the first lanes.</summary>
    private static Vector512<float> Mask(int left) => Vector512.LessThan(Vector512.CreateSequence(0f, 1f), All(left));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> LoadOneByOne(float* from, int left, float filling)
    {
        var value = All(filling);
        var all = (float*)&value;
        for (var i = 0; i < left; i++) all[i] = from[i];
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreOneByOne(Vector512<float> value, float* to, int left)
    {
        var all = (float*)&value;
        for (var i = 0; i < left; i++) to[i] = all[i];
    }
}
