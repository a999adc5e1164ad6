using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What attention does head by head, from library operations.</summary>
internal static class Heads
{
    /// <summary>[batch, length, heads * head width] -> [batch, head, length, head width]</summary>
    public static Tensor Split(Tensor x, int heads) => x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);

    /// <summary>
    /// Queries, keys and values [batch, head, length, head width] -> what the queries found, [batch, query, heads * head width].
    /// The bias is added to the scores; weights [batch * head, query, key] go through <paramref name="drop"/>.
    /// </summary>
    public static Tensor Mix(Tensor q, Tensor k, Tensor v, Tensor? bias, Func<Tensor, Tensor> drop)
    {
        var (batch, heads, length) = (q.size(0), q.size(1), q.size(2));
        var scores = Products.Batched(Flat(q), Flat(k).transpose(1, 2)); // [batch * head, query, key]
        if (bias is not null) scores.view(batch, heads, length, -1).add_(bias);
        var mixed = Products.Batched(drop(scores.softmax(-1)), Flat(v)).view(batch, heads, length, -1); // [batch, head, query, head width]
        return mixed.transpose(1, 2).reshape(batch, length, -1); // [batch, query, heads * head width]
    }

    private static Tensor Flat(Tensor x) => x.reshape(x.size(0) * x.size(1), x.size(2), x.size(3)); // [batch * head, length, head width]
}
