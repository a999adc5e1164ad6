using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>The one place where models multiply matrices, so that what a forward pass really spends can be recorded.</summary>
public static class Products
{
    [ThreadStatic]
    private static ProductRecord? record;

    /// <summary>x [..., in] times the transpose of weight [out, in].</summary>
    public static Tensor Linear(Tensor x, Tensor weight)
    {
        record?.Add(2.0 * x.numel() * weight.size(0));
        return nn.functional.linear(x, weight);
    }

    /// <summary>a [batch, n, k] times b [batch, k, m].</summary>
    public static Tensor Batched(Tensor a, Tensor b)
    {
        record?.Add(2.0 * a.numel() * b.size(2));
        return bmm(a, b);
    }

    /// <summary>Records the products of this thread until the record is disposed.</summary>
    public static ProductRecord Record() => record = new ProductRecord(record, outer => record = outer);
}

/// <summary>Floating-point operations of the matrix products executed since it was made; a multiply-add is 2.</summary>
public sealed class ProductRecord(ProductRecord? outer, Action<ProductRecord?> restore) : IDisposable
{
    public double Flops { get; private set; }

    internal void Add(double flops)
    {
        Flops += flops;
        outer?.Add(flops);
    }

    public void Dispose() => restore(outer);
}
