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
    private readonly List<Tensor[]> operands;
    private readonly Tensor left, right;

    public ProductLimit(IReadOnlyList<ProductSize> products)
    {
        if (!NativeCalls.AreThere) throw new NotSupportedException("This libtorch has no products of MKL.");
        sizes = products;
        operands = [.. products.Select(size => (Tensor[])[randn(size.Count, size.Rows, size.Inner), randn(size.Count, size.Inner, size.Columns), randn(size.Count, size.Rows, size.Columns)])];
        left = zeros(products.Max(size => size.Count * size.Rows * size.Inner));
        right = zeros(products.Max(size => size.Count * size.Inner * size.Columns));
        foreach (var tensor in operands.SelectMany(product => product)) tensor.DetachFromDisposeScope();
        left.DetachFromDisposeScope();
        right.DetachFromDisposeScope();
    }

    /// <summary>Seconds of the forward products, and of the backward products.</summary>
    public (double Forward, double Backward) Measure()
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < sizes.Count; i++)
        {
            float* a = At(operands[i][0]), b = At(operands[i][1]), c = At(operands[i][2]);
            Multiply(sizes[i], (size, n) => (OfA(size, a, n), OfB(size, b, n), OfC(size, c, n)));
        }
        var forward = clock.Elapsed.TotalSeconds;
        for (var i = sizes.Count - 1; i >= 0; i--)
        {
            float* a = At(operands[i][0]), b = At(operands[i][1]), c = At(operands[i][2]), da = At(left), db = At(right);
            Multiply(sizes[i], (size, n) => (OfC(size, c, n), OfB(size, b, n).Transposed, OfA(size, da, n)));
            Multiply(sizes[i], (size, n) => (OfA(size, a, n).Transposed, OfC(size, c, n), OfB(size, db, n)));
        }
        return (forward, clock.Elapsed.TotalSeconds - forward);
    }

    public void Dispose()
    {
        foreach (var tensor in operands.SelectMany(product => product)) tensor.Dispose();
        left.Dispose();
        right.Dispose();
    }

    /// <summary>One product on the whole team; many, each on one of its threads.</summary>
    private static void Multiply(ProductSize size, Func<ProductSize, long, (Matrix A, Matrix B, Matrix C)> operands)
    {
        void One(long n)
        {
            var (a, b, c) = operands(size, n);
            Blas.Multiply(a, b, c);
        }
        if (size.Count == 1) One(0);
        else Team.Share(size.Count, (_, first, end) =>
        {
            for (var n = first; n < end; n++) One(n);
        });
    }

    private static Matrix OfA(ProductSize size, float* all, long n) => new(all + (n * size.Rows * size.Inner), size.Rows, size.Inner);

    private static Matrix OfB(ProductSize size, float* all, long n) => new(all + (n * size.Inner * size.Columns), size.Inner, size.Columns);

    private static Matrix OfC(ProductSize size, float* all, long n) => new(all + (n * size.Rows * size.Columns), size.Rows, size.Columns);

    private static float* At(Tensor tensor) => NativeCalls.Floats(tensor);
}
