using Allometry.Training;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Allometry.Tests.Kernels;

/// <summary>An optimiser's steps by its kernel beside those by library operations.</summary>
internal static class OptimizerTwins
{
    private static readonly long[][] Shapes = [[1], [15], [16], [17], [1025], [1, 1], [1, 40], [40, 1], [3, 5], [17, 33], [64, 16], [130, 200], [200, 130]];

    public static void Agree(Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        using var module = new Weights();
        Twins.Agree(module, way =>
        {
            manual_seed(21);
            var parameters = Shapes.Select((shape, i) => ($"{i}", new Parameter(way.Of(randn(shape))))).ToList();
            using var state = optimizer.Build(parameters);
            state.Plain = way.Plain;
            for (var step = 0; step < 6; step++)
            {
                foreach (var (name, parameter) in parameters) parameter.grad = name == "4" && step == 2 ? null : (randn(parameter.shape) * Math.Pow(10, step - 2)).to(way.Type); // one has none now and then
                state.Step(step, 0.02, gradientScale: 0.7);
            }
            var results = parameters.ToDictionary(parameter => $"parameter {string.Join('x', parameter.Item2.shape)}", parameter => (Tensor?)parameter.Item2.clone());
            foreach (var (name, tensor) in state.Tensors) results.Add($"state {name}", tensor.clone());
            return results;
        });
    }

    /// <summary>A module of nothing: what is compared is made in the run.</summary>
    private sealed class Weights() : nn.Module("weights");
}
