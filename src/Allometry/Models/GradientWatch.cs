using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>Is told during the backward pass when a layer's weights have their gradients, while those of the layers before it are still to come.</summary>
internal abstract class GradientWatch
{
    /// <summary>A layer is run forward; what it does will be differentiated.</summary>
    public abstract void Expect(LayerModule layer);

    /// <summary>What a layer did in one of its runs has been differentiated.</summary>
    public abstract void Complete(LayerModule layer);

    /// <summary>Marks where a layer begins: x [batch, length, model width] -> the same.</summary>
    public Tensor Mark(Tensor x, LayerModule layer)
    {
        if (!x.requires_grad || !is_grad_enabled()) return x;
        Expect(layer);
        return Milestone.apply(x, this, layer);
    }

    /// <summary>
    /// Nothing, forward; backward it is reached when the gradient of a layer's input is whole. Autograd takes what was made later first, so that all of the layer has been differentiated by then, its weights' gradients too.
    /// </summary>
    private sealed class Milestone : autograd.SingleTensorFunction<Milestone>
    {
        private const string Watch = "watch", Layer = "layer";

        public override string Name => "Milestone";

        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            context.save_data(Watch, arguments[1]);
            context.save_data(Layer, arguments[2]);
            return ((Tensor)arguments[0]).alias();
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            ((GradientWatch)context.get_data(Watch)).Complete((LayerModule)context.get_data(Layer));
            var same = gradient.alias();
            gradient.Dispose();
            return SavedTensors.Return([same, null, null]);
        }
    }
}
