using Allometry.Kernels;
using Allometry.Models;
using Allometry.Ranks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>Which of the parameters that are trained one rank alone computes and changes; all others are everybody's. A process by itself has none of the former.</summary>
internal sealed unsafe class Placement
{
    private readonly Peers peers;
    private readonly Dictionary<nint, int> homes;

    public Placement(Peers peers, IEnumerable<Parameter> trained, nn.Module model)
    {
        this.peers = peers;
        var handles = trained.Select(parameter => parameter.Handle).ToHashSet();
        homes = peers.Count == 1 ? [] : model.modules().OfType<Mixer>().SelectMany(mixer => mixer.Placed(peers.Count))
            .SelectMany(placed => placed.Part.parameters().Select(parameter => (parameter.Handle, placed.Rank))).Where(placed => handles.Contains(placed.Handle)).ToDictionary();
    }

    public bool IsShared(Parameter parameter) => !homes.ContainsKey(parameter.Handle);

    /// <summary>Of the gradients of all ranks together; what is shared is counted once.</summary>
    public double GradientNorm(OptimizerState optimizer) => homes.Count == 0
        ? optimizer.GradientNorm()
        : Math.Sqrt(optimizer.SumOfSquares(IsShared) + peers.Sum(optimizer.SumOfSquares(parameter => !IsShared(parameter))));

    /// <summary>Gives every rank the parameters, and what the optimiser remembers of them, as they are where they live.</summary>
    public void Gather(IEnumerable<(string Name, Parameter Value)> parameters, OptimizerState optimizer)
    {
        if (homes.Count == 0) return;
        using var still = no_grad();
        var remembered = optimizer.Tensors.ToLookup(tensor => tensor.Key[..tensor.Key.LastIndexOf('.')], tensor => tensor.Value);
        foreach (var (name, parameter) in parameters.Where(parameter => !IsShared(parameter.Value)))
            foreach (var tensor in remembered[name].Prepend(parameter)) Give(tensor, homes[parameter.Handle]);
    }

    private void Give(Tensor tensor, int home)
    {
        using var scope = NewDisposeScope();
        var copy = peers.Rank == home ? tensor.to(float32).cpu().clone() : zeros(tensor.shape, float32);
        peers.BeginSum(NativeCalls.Floats(copy), (int)copy.numel()).Wait();
        if (peers.Rank != home) tensor.copy_(copy);
    }
}
