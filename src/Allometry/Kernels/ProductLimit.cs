using System.Diagnostics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Given matrix products and nothing else, each followed, from the last to the first, by the two of its backward pass: what a training step could take if everything between them were free.
/// Every product has operands of its own, as in a step, and runs as the kernels' products do.
/// </summary>
public sealed unsafe class ProductLimit : IDisposable
{
    private readonly IReadOnlyList<ProductSize> sizes;
    private readonly Precision precision;
    private readonly List<Operand[]> operands;
    private readonly Operand left, right;

    /// <param name="precision">In bfloat16 all operands are rounded before anything is timed.</param>
    public ProductLimit(IReadOnlyList<ProductSize> products, Precision precision = Precision.Float32)
    {
        if (!NativeCalls.AreThere) throw new NotSupportedException("This libtorch has no products of MKL.");
        (sizes, this.precision) = (products, precision);
        Operand Random(params long[] shape) => Operand.Of(randn(shape), precision);
        operands = [.. products.Select(size => (Operand[])[Random(size.Count, size.Rows, size.Inner), Random(size.Count, size.Inner, size.Columns), Random(size.Count, size.Rows, size.Columns)])];
        left = Operand.Of(zeros(products.Max(size => size.Count * size.Rows * size.Inner)), Precision.Float32);
        right = Operand.Of(zeros(products.Max(size => size.Count * size.Inner * size.Columns)), Precision.Float32);
    }

    /// <summary>Seconds of the forward products, and of the backward products.</summary>
    public (double Forward, double Backward) Measure()
    {
        using var rounding = Products.In(precision);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < sizes.Count; i++)
        {
            var (size, a, b, c) = (sizes[i], operands[i][0], operands[i][1], operands[i][2]);
            Multiply(size, n => (A(size, a, n), B(size, b, n), C(size, c, n)));
        }
        var forward = clock.Elapsed.TotalSeconds;
        for (var i = sizes.Count - 1; i >= 0; i--)
        {
            var (size, a, b, c) = (sizes[i], operands[i][0], operands[i][1], operands[i][2]);
            Multiply(size, n => (C(size, c, n), B(size, b, n).Transposed, A(size, left, n)));
            Multiply(size, n => (A(size, a, n).Transposed, C(size, c, n), B(size, right, n)));
        }
        return (forward, clock.Elapsed.TotalSeconds - forward);
    }

    public void Dispose()
    {
        foreach (var operand in operands.SelectMany(product => product).Append(left).Append(right)) operand.Dispose();
    }

    /// <summary>One product on the whole team; many, each on one of its threads.</summary>
    private static void Multiply(ProductSize size, Func<long, (Matrix A, Matrix B, Matrix C)> operands)
    {
        void One(long n)
        {
            var (a, b, c) = operands(n);
            Blas.Multiply(a, b, c);
        }
        if (size.Count == 1) One(0);
        else Team.Share(size.Count, (_, first, end) =>
        {
            for (var n = first; n < end; n++) One(n);
        });
    }

    private static Matrix A(ProductSize size, Operand all, long n) => all.At(n, size.Rows, size.Inner);

    private static Matrix B(ProductSize size, Operand all, long n) => all.At(n, size.Inner, size.Columns);

    private static Matrix C(ProductSize size, Operand all, long n) => all.At(n, size.Rows, size.Columns);

    /// <summary>Matrices one after the other, in bfloat16 beside their values where products want that.</summary>
    private sealed record Operand(Tensor Values, Tensor? Rounded) : IDisposable
    {
        public static Operand Of(Tensor values, Precision precision) =>
            new(values.DetachFromDisposeScope(), precision == Precision.Float32 ? null : values.to(bfloat16).DetachFromDisposeScope());

        public Matrix At(long n, long rows, long columns)
        {
            var first = n * rows * columns;
            return new(NativeCalls.Floats(Values) + first, rows, columns) { Rounded = Rounded is null ? null : NativeCalls.Halves(Rounded) + first };
        }

        public void Dispose()
        {
            Values.Dispose();
            Rounded?.Dispose();
        }
    }
}
