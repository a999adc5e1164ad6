using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>The one place where models multiply matrices, so that what a forward pass really spends can be recorded.</summary>
public static class Products
{
    [ThreadStatic]
    private static ProductRecord? record;

    /// <summary>What the operands of this thread's products are rounded to.</summary>
    [field: ThreadStatic]
    public static Precision Precision { get; private set; }

    /// <summary>Until it is disposed this thread's products have operands of that precision.</summary>
    public static IDisposable In(Precision precision)
    {
        var former = new Former(Precision);
        Precision = precision;
        return former;
    }

    /// <summary>A precision that this machine has; bfloat16 on a processor without units for it is an <see cref="InputException"/>.</summary>
    public static Precision Checked(Precision precision) => Checked(precision, precision == Precision.Bfloat16 ? Bfloat16.LackWithLibtorch : null);

    /// <param name="lack">What the machine lacks for bfloat16; null: nothing.</param>
    internal static Precision Checked(Precision precision, string? lack) => precision == Precision.Bfloat16 && lack is not null
        ? throw new InputException("precision: bfloat16", lack, "take float32, or a machine that has them")
        : precision;

    /// <summary>x [..., in] times the transpose of weight [out, in].</summary>
    public static Tensor Linear(Tensor x, Tensor weight)
    {
        record?.Add(new ProductSize(1, x.numel() / x.size(-1), weight.size(0), x.size(-1)));
        return Rounds(x) ? nn.functional.linear(x.to(bfloat16), weight.to(bfloat16)).to(float32) : nn.functional.linear(x, weight);
    }

    /// <summary>a [batch, n, k] times b [batch, k, m].</summary>
    public static Tensor Batched(Tensor a, Tensor b)
    {
        record?.Add(new ProductSize(a.size(0), a.size(1), b.size(2), a.size(2)));
        return Rounds(a) ? bmm(a.to(bfloat16), b.to(bfloat16)).to(float32) : bmm(a, b);
    }

    private static bool Rounds(Tensor x) => Precision == Precision.Bfloat16 && x.dtype == float32;

    /// <summary>What a kernel has multiplied by itself.</summary>
    internal static void Executed(double flops) => record?.Add(flops);

    /// <summary>Records the products of this thread until the record is disposed.</summary>
    public static ProductRecord Record() => record = new ProductRecord(record, outer => record = outer);

    private sealed class Former(Precision precision) : IDisposable
    {
        public void Dispose() => Precision = precision;
    }
}

/// <summary>So many products [rows, inner] x [inner, columns].</summary>
public sealed record ProductSize(long Count, long Rows, long Columns, long Inner)
{
    public double Flops => 2.0 * Count * Rows * Columns * Inner;
}

/// <summary>The matrix products executed since it was made, and their floating-point operations; a multiply-add is 2.</summary>
public sealed class ProductRecord(ProductRecord? outer, Action<ProductRecord?> restore) : IDisposable
{
    private readonly List<ProductSize> products = [];

    public double Flops { get; private set; }

    /// <summary>In the order of their execution; those inside hand-written kernels count in <see cref="Flops"/> alone.</summary>
    public IReadOnlyList<ProductSize> Products => products;

    internal void Add(ProductSize product)
    {
        products.Add(product);
        Flops += product.Flops;
        outer?.Add(product);
    }

    internal void Add(double flops)
    {
        Flops += flops;
        outer?.Add(flops);
    }

    public void Dispose() => restore(outer);
}
