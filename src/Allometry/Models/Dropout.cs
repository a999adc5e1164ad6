using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>Dropout as T5 does it: one mask is shared along dimension 1, which is the length,
/// for attention weights that of the queries (Mesh TensorFlow, sublayer_dropout and dropout_broadcast_dims).</summary>
public sealed class Dropout(double rate)
{
    /// <summary>x, or while training x with whole slices along dimension 1 set to zero and the rest scaled up.</summary>
    public Tensor Apply(Tensor x, bool training)
    {
        if (Mask(training, x) is not { } mask)
            return x;
        return x * mask;
    }

    /// <summary>What a tensor like x is multiplied by while training: zeros and scaled ones of its shape, but with one entry along dimension 1; null: nothing.</summary>
    public Tensor? Mask(bool training, Tensor x) => Mask(training, x, x.size(0), x.size(-1));

    /// <summary>Such a mask [batch, 1, last] in the type and on the device of x. It is drawn in main memory, so that it is the same on every device and one generator's state is all that a checkpoint needs.</summary>
    public Tensor? Mask(bool training, Tensor x, long batch, long last) =>
        !training || rate == 0 ? null : nn.functional.dropout(ones([batch, 1, last], x.dtype, CPU), rate).to(x.device);
}
