using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>
/// A layer of which nothing is kept for the backward pass but what goes into it: that pass computes the layer once more, with the same dropout, and then differentiates it
/// (Chen et al. 2016, arXiv 1604.06174, with a layer as the segment). Loss and gradients are the same to the last bit.
/// </summary>
internal sealed class Recomputation : autograd.MultiTensorFunction<Recomputation>
{
    public override string Name => "Recomputation";

    /// <summary>x [batch, length, model width] -> the same. Gradients of the layer's weights are added to <c>.grad</c>, as <c>backward()</c> does; asking autograd for them alone gives none.</summary>
    public static Tensor Run(LayerModule layer, Tensor x, Context context)
    {
        // Where only weights want a gradient autograd would not come back here.
        if (!x.requires_grad && context.SharedMemory is not { requires_grad: true }) return layer.forward(x, context);
        var random = TorchSharp.torch.random.get_rng_state();
        // With its graph, which is dropped: what is computed without one may differ in the last bit.
        var (y, losses) = Compute(layer, x, context);
        var (snapshot, tensors) = ContextSnapshot.Of(context);
        // Its results are there already: it only hangs them onto the graph.
        var results = apply([x, .. tensors.Select(tensor => (object)tensor!), new Call(layer, snapshot, [y.detach(), .. losses.Select(loss => loss.detach())], random)]);
        foreach (var loss in results.Skip(1)) context.Pass.Add(loss);
        return results[0];
    }

    public override List<Tensor> forward(autograd.AutogradContext context, params object[] arguments)
    {
        var call = (Call)arguments[^1];
        context.Save(call with { Results = [] }, [call.Random, .. arguments[..^1].Select(argument => (Tensor?)argument)]);
        return [.. call.Results];
    }

    public override List<Tensor> backward(autograd.AutogradContext context, List<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var (call, saved) = context.Restore<Call>();
        var inputs = saved[1..].Select(Leaf).ToArray();
        using var pass = call.Snapshot.NewPass();
        using var again = call.Snapshot.Restore(pass, inputs[1..]);
        var now = random.get_rng_state();
        random.set_rng_state(saved[0]!);
        var (y, losses) = Compute(call.Layer, inputs[0]!, again);
        random.set_rng_state(now);
        var results = losses.Prepend(y).Zip(gradients).Where(pair => pair is { First.requires_grad: true, Second: not null }).ToList();
        autograd.backward([.. results.Select(pair => pair.First)], [.. results.Select(pair => pair.Second)]);
        foreach (var gradient in gradients) gradient?.Dispose();
        return SavedTensors.Return([.. inputs.Select(input => input?.grad), null]);
    }

    private static (Tensor Y, IReadOnlyList<Tensor> Losses) Compute(LayerModule layer, Tensor x, Context context)
    {
        using var products = Products.In(context.Pass.Precision);
        var before = context.Pass.LossCount;
        return (layer.forward(x, context), context.Pass.TakeLosses(before));
    }

    /// <summary>The same values, of which gradients can be asked without the graph behind them.</summary>
    private static Tensor? Leaf(Tensor? tensor) => tensor?.detach().requires_grad_(tensor.requires_grad);

    private sealed record Call(LayerModule Layer, ContextSnapshot Snapshot, IReadOnlyList<Tensor> Results, Tensor Random);
}
