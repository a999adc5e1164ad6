using Allometry.Kernels;
using Allometry.Models;
using Allometry.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Papers.Ligo;

/// <summary>
/// The larger model's weights as a linear function of the smaller one's, vec(new) = L_depth R_width vec(old): of each layer B W A^T, then of all layers sums with the coefficients w (Wang et al. 2023, equation 8).
/// The smaller model's weights stay as they are.
/// </summary>
internal sealed class LigoOperator : WeightSource
{
    private readonly IReadOnlyList<LigoModule> parts;
    private readonly IReadOnlyDictionary<string, Tensor> small;
    private readonly Dictionary<string, Parameter> coefficients = new(StringComparer.Ordinal);

    public LigoOperator(LanguageModel small, Shape large, LigoStart start) : base("ligo")
    {
        this.small = small.state_dict();
        parts = LigoModule.All(small.Architecture, small.Shape, large);
        using var still = no_grad();
        using var scope = NewDisposeScope(); // keeps alive what stack is given: it takes addresses from tensors that nobody else holds
        var like = this.small["embedding.weight"];
        foreach (var matrix in LigoModule.Matrices(parts))
            Add(matrix.Name, matrix.Layers == 0 ? start.Width(matrix, 0) : stack(Enumerable.Range(0, matrix.Layers).Select(layer => start.Width(matrix, layer))), like);
        foreach (var module in parts.Where(module => module.Deepens)) Add(module.Name, start.Depth(module), like);
        RegisterComponents();
    }

    /// <summary>All coefficients: matrices by the name of what they expand, [new, old] or [layer, new, old]; sums over layers by the module's name, [new, old].</summary>
    public IReadOnlyDictionary<string, Parameter> Coefficients => coefficients;

    protected internal override IReadOnlyDictionary<string, Tensor> Make() => parts.SelectMany(Make).ToDictionary(weight => weight.Name, weight => weight.Value);

    private IEnumerable<(string Name, Tensor Value)> Make(LigoModule module)
    {
        var weights = stack(module.Small.Select(name => small[name].detach().view([.. module.Dimensions.Select(dimension => dimension.Old)]))); // [old layer, ...]
        foreach (var (dimension, matrix) in module.Dimensions.Index().Where(each => each.Item.Grows)) weights = Expand(weights, dimension + 1, coefficients[matrix.Name]);
        if (module.Deepens) weights = Products.Batched(coefficients[module.Name].unsqueeze(0), weights.reshape(1, module.Small.Count, -1)).squeeze(0); // [new layer, all of one]
        if (module.Factor != 1) weights = weights * module.Factor;
        return module.Large.Select((name, layer) => (name, weights.select(0, layer).reshape([.. module.Shape])));
    }

    /// <summary>weights [layer, ..., old, ...] and [new, old] or [layer, new, old] -> [layer, ..., new, ...]</summary>
    private static Tensor Expand(Tensor weights, int dimension, Tensor matrix)
    {
        var last = weights.movedim([dimension], [-1]);
        var rows = last.reshape(last.size(0), -1, last.size(-1)); // [layer, row, old]
        var grown = matrix.dim() == 2 ? Products.Linear(rows, matrix) : Products.Batched(rows, matrix.transpose(1, 2));
        return grown.view([.. last.shape[..^1], grown.size(-1)]).movedim([-1], [dimension]);
    }

    private void Add(string name, Tensor values, Tensor like)
    {
        var parameter = (Parameter)new Parameter(values.to(like.dtype).to(like.device)).DetachFromDisposeScope();
        coefficients.Add(name, parameter);
        register_parameter(name, parameter);
    }
}
