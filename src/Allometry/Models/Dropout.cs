using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>Dropout as T5 does it: one mask is shared along dimension 1, which is the length,
/// for attention weights that of the queries (Mesh TensorFlow, sublayer_dropout and dropout_broadcast_dims).</summary>
public sealed class Dropout(double rate)
{
    /// <summary>x, or while training x with whole slices along dimension 1 set to zero and the rest scaled up.</summary>
    public Tensor Apply(Tensor x, bool training)
    {
        if (!training || rate == 0)
            return x;
        var sizes = x.shape;
        sizes[1] = 1;
        return x * nn.functional.dropout(ones(sizes, x.dtype, x.device), rate);
    }
}
