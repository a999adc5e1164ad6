using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>What the fused sublayers do with blocks of rows beside products.</summary>
internal static unsafe class Rows
{
    // Measured (docs/measured/speed.md): blocks of 64 rows multiply as fast as whole matrices once the weights are packed.
    private const int Most = 64, Least = 16, CacheFloats = 96 * 1024;

    /// <summary>How many rows of so many floats are worked on at once, so that they stay in the second-level cache.</summary>
    public static int InCache(long floatsOfOne) => (int)Math.Clamp(CacheFloats / floatsOfOne / Least * Least, Least, Most);

    /// <summary>y = x + mask * (a b + bias), for rows from first on of sequences of the given length; x, the mask [batch, width] and the bias may be absent.</summary>
    public static void AddProduct(Matrix x, Matrix a, PackedMatrix b, Matrix y, Matrix mask, long first, long length, Matrix space, float* bias = null)
    {
        if (x.IsThere && !mask.IsThere)
        {
            Copy(x.Data, y.Data, x.Cells);
            if (bias != null) AddToAll(y, bias);
            Blas.Multiply(a, b, y, keep: 1);
            return;
        }
        var product = x.IsThere ? space : y;
        Product(a, b, product, bias);
        Scale(product, mask, first, length);
        if (x.IsThere) Add(x.Data, space.Data, y.Data, x.Cells);
    }

    /// <summary>y = a b + bias, which may be absent.</summary>
    public static void Product(Matrix a, PackedMatrix b, Matrix y, float* bias)
    {
        for (var row = 0; bias != null && row < y.Rows; row++) Copy(bias, y[row], y.Columns);
        Blas.Multiply(a, b, y, keep: bias == null ? 0 : 1);
    }

    /// <summary>Adds one row to all rows.</summary>
    private static void AddToAll(Matrix rows, float* one)
    {
        for (var row = 0; row < rows.Rows; row++) Add(rows[row], one, rows[row], rows.Columns);
    }

    /// <summary>Rows times their sequence's mask, written elsewhere; the rows themselves where there is no mask.</summary>
    public static Matrix Masked(Matrix rows, Matrix into, Matrix mask, long first, long length)
    {
        if (!mask.IsThere) return rows;
        Copy(rows.Data, into.Data, rows.Cells);
        Scale(into, mask, first, length);
        return into;
    }

    /// <summary>Multiplies rows from first on, in sequences of the given length, by their sequence's row of the mask, if there is one.</summary>
    public static void Scale(Matrix rows, Matrix mask, long first, long length)
    {
        if (!mask.IsThere) return;
        for (var row = 0; row < rows.Rows; row++) Multiply(rows[row], mask[(first + row) / length], rows.Columns);
    }

    /// <summary>Multiplies all by one number.</summary>
    public static void Scale(Matrix x, float factor)
    {
        if (!x.IsThere || factor == 1) return;
        var factors = Lanes.All(factor);
        for (var i = 0L; i < x.Cells; i += Lanes.Count)
        {
            var left = (int)Math.Min(x.Cells - i, Lanes.Count);
            Lanes.Store(Lanes.Load(x.Data + i, left) * factors, x.Data + i, left);
        }
    }

    /// <summary>x *= y</summary>
    public static void Multiply(float* x, float* y, long count)
    {
        for (; count > 0; count -= Lanes.Count, x += Lanes.Count, y += Lanes.Count)
        {
            var left = (int)Math.Min(count, Lanes.Count);
            Lanes.Store(Lanes.Load(x, left) * Lanes.Load(y, left), x, left);
        }
    }

    /// <summary>The rows of these numbers, one after the other.</summary>
    public static void Gather(Matrix from, ReadOnlySpan<long> numbers, Matrix to)
    {
        for (var i = 0; i < numbers.Length; i++) Copy(from[numbers[i]], to[i], from.Columns);
    }

    /// <summary>Puts rows where their numbers say, each plus the residual's row of its number where there is one.</summary>
    public static void Scatter(Matrix from, ReadOnlySpan<long> numbers, Matrix to, Matrix residual = default)
    {
        for (var i = 0; i < numbers.Length; i++)
            if (residual.IsThere) Add(residual[numbers[i]], from[i], to[numbers[i]], from.Columns);
            else Copy(from[i], to[numbers[i]], from.Columns);
    }

    /// <summary>Makes a row what it is elsewhere, or zeros where there is no elsewhere.</summary>
    public static void CopyOrClear(Matrix from, Matrix to, long row)
    {
        if (from.IsThere) Copy(from[row], to[row], to.Columns);
        else new Span<float>(to[row], to.Columns).Clear();
    }

    /// <summary>The same with all rows.</summary>
    public static void CopyOrClear(Matrix from, Matrix to)
    {
        if (from.IsThere) Copy(from.Data, to.Data, to.Cells);
        else Clear(to);
    }

    /// <summary>Multiplies rows of these numbers, in sequences of the given length, by their sequence's row of the mask, if there is one.</summary>
    public static void Scale(Matrix rows, Matrix mask, ReadOnlySpan<long> numbers, long length)
    {
        for (var i = 0; i < numbers.Length && mask.IsThere; i++) Multiply(rows[i], mask[numbers[i] / length], rows.Columns);
    }

    /// <summary>Multiplies rows of these numbers each by its factor: that in a column of its number's row, where there is more than one.</summary>
    public static void Scale(Matrix rows, Matrix factors, ReadOnlySpan<long> numbers, int column)
    {
        for (var row = 0; row < rows.Rows; row++)
        {
            var factor = Lanes.All(factors[numbers[row]][factors.Columns == 1 ? 0 : column]);
            float* x = rows[row];
            for (var left = rows.Columns; left > 0; left -= Lanes.Count, x += Lanes.Count) Lanes.Store(Lanes.Load(x, left) * factor, x, left);
        }
    }

    public static float Dot(float* x, float* y, int count)
    {
        var sum = Vector512<float>.Zero;
        for (; count > 0; count -= Lanes.Count, x += Lanes.Count, y += Lanes.Count) sum = Lanes.MultiplyAdd(Lanes.Load(x, count), Lanes.Load(y, count), sum);
        return Vector512.Sum(sum);
    }

    /// <summary>z = x + y</summary>
    public static void Add(float* x, float* y, float* z, long count)
    {
        for (; count > 0; count -= Lanes.Count, x += Lanes.Count, y += Lanes.Count, z += Lanes.Count)
        {
            var left = (int)Math.Min(count, Lanes.Count);
            Lanes.Store(Lanes.Load(x, left) + Lanes.Load(y, left), z, left);
        }
    }

    /// <summary>The sum of the rows, in their order.</summary>
    public static void Sum(Matrix rows, float* sum)
    {
        Copy(rows.Data, sum, rows.Columns);
        for (var row = 1; row < rows.Rows; row++) Add(sum, rows[row], sum, rows.Columns);
    }

    public static void Clear(Matrix rows) => NativeMemory.Clear(rows.Data, (nuint)rows.Cells * sizeof(float));

    public static void Copy(float* from, float* to, long count) => Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));
}
