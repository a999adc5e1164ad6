using Allometry.Kernels;
using Allometry.Models;
using Allometry.Ranks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>Some parameters whose gradients are added up in one message: all their values, then for each of them how many peers have a gradient of it.</summary>
internal sealed unsafe class GradientBucket : IDisposable
{
    private readonly IReadOnlyList<(Parameter Value, LayerModule? Layer)> parameters;
    private readonly HashSet<LayerModule?> missing = [];
    private readonly Tensor flat;
    private readonly Tensor[] places;
    private Pending? sum;

    public GradientBucket(IReadOnlyList<(Parameter Value, LayerModule? Layer)> parameters)
    {
        this.parameters = parameters;
        flat = zeros([parameters.Sum(each => each.Value.numel()) + parameters.Count], float32).DetachFromDisposeScope();
        places = new Tensor[parameters.Count];
        var at = 0L;
        foreach (var (i, (value, _)) in parameters.Index())
        {
            places[i] = flat.narrow(0, at, value.numel()).view(value.shape).DetachFromDisposeScope();
            at += value.numel();
        }
        Reset();
    }

    /// <summary>Whether the backward pass will add no more to its gradients.</summary>
    public bool IsComplete => missing.Count == 0;

    private Span<float> Owners => new Span<float>(NativeCalls.Floats(flat), (int)flat.numel())[^parameters.Count..];

    public void Complete(LayerModule layer) => missing.Remove(layer);

    public void Begin(Peers peers)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var owners = Owners;
        foreach (var (i, (parameter, _)) in parameters.Index())
        {
            var gradient = parameter.grad;
            owners[i] = gradient is null ? 0 : 1;
            if (gradient is null) places[i].zero_();
            else places[i].copy_(gradient);
        }
        sum = peers.BeginSum(NativeCalls.Floats(flat), (int)flat.numel());
    }

    public void Advance() => sum?.Advance();

    /// <summary>Waits for the sum and gives it to the parameters.</summary>
    public void End()
    {
        sum!.Wait();
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var owners = Owners;
        foreach (var (i, (parameter, _)) in parameters.Index())
        {
            if (parameter.grad is { } gradient) gradient.copy_(places[i]);
            else if (owners[i] > 0) parameter.grad = places[i].to(parameter.dtype).to(parameter.device).clone();
        }
        Reset();
    }

    public void Dispose()
    {
        foreach (var place in places) place.Dispose();
        flat.Dispose();
    }

    // What belongs to no layer is complete only when the whole backward pass is: nobody ever says so of null.
    private void Reset()
    {
        sum = null;
        missing.UnionWith(parameters.Select(each => each.Layer));
    }
}
