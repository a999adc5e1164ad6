using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Tensors that the backward pass of a kernel needs, some of which may be absent; libtorch keeps them as long as it keeps the operation.</summary>
internal static class SavedTensors
{
    private const string Call = "call", Present = "present", Operands = "precision";

    [ThreadStatic]
    private static List<Tensor>? returned;

    /// <summary>Keeps tensors, and a description of the call whose own tensors are not read again.</summary>
    public static void Save(this autograd.AutogradContext context, object call, params Tensor?[] tensors)
    {
        context.save_for_backward([.. tensors.OfType<Tensor>()]);
        context.save_data(Present, tensors.Select(tensor => tensor is not null).ToArray());
        context.save_data(Call, call);
        context.save_data(Operands, Products.Precision);
    }

    /// <summary>Until it is disposed products have operands as in the forward pass.</summary>
    public static IDisposable SamePrecision(this autograd.AutogradContext context) => Products.In((Precision)context.get_data(Operands));

    /// <summary>
    /// What was kept, in the same places; the caller disposes the tensors. TorchSharp would keep them as long as the graph, whose memory the gradients of a whole model would then be added to:
    /// where the graph is gone through once (<see cref="Gradients.InPlace"/>) the operation lets go of them here.
    /// </summary>
    public static (TCall Call, Tensor?[] Tensors) Restore<TCall>(this autograd.AutogradContext context)
    {
        var saved = new Queue<Tensor>(context.get_saved_variables());
        var tensors = ((bool[])context.get_data(Present)).Select(present => present ? saved.Dequeue() : null).ToArray();
        if (Gradients.AreInPlace) context.Dispose();
        return ((TCall)context.get_data(Call), tensors);
    }

    /// <summary>The gradient of a result; null where nothing came of it.</summary>
    public static Tensor? Given(this List<Tensor> gradients, int result) => result < gradients.Count && !gradients[result].IsInvalid ? gradients[result].contiguous() : null;

    /// <summary>
    /// What a backward pass returns. Autograd has taken it when the next one begins: it is let go of then, where a scope would keep the gradients of all layers to the end of the step.
    /// </summary>
    public static List<Tensor> Return(params Tensor?[] gradients)
    {
        foreach (var former in returned ?? []) former.Dispose();
        returned = [.. gradients.OfType<Tensor>().Select(tensor => tensor.DetachFromDisposeScope())];
        return [.. gradients.Select(tensor => tensor!)];
    }
}
