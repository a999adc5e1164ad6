using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>Small modules grafted into a model whose own weights are kept: what a task may change of it.</summary>
public abstract record Patch
{
    /// <summary>Whether a field of a module is a patch's: their names end so.</summary>
    public static bool IsField(string name) => name.EndsWith("patch", StringComparison.Ordinal);

    /// <summary>What a sublayer's graft costs beside the sublayer itself.</summary>
    public abstract Cost Count(Place place, Setting setting);

    /// <summary>What the output of every mixer goes through inside the residual, [batch, length, model width] -> the same; null: nothing.</summary>
    public abstract nn.Module<Tensor, Tensor>? Build(Place place);
}

/// <summary>A bottleneck on the output of each sublayer: y + up(gelu(down(y))) (Houlsby et al. 2019, arXiv 1902.00751; PeterRec's serial patch, arXiv 2001.04253).</summary>
[Kind("bottleneck")]
public sealed record Bottleneck(
    [property: Description("Width of the bottleneck."), Range(1, 1 << 16)] int Width,
    [property: Description("Whether a branch gives exactly zero at first, so that the patched model begins as the model was.")] bool FromZero = true) : Patch
{
    /// <summary>Standard deviation of a branch's first values (PeterRec's code).</summary>
    public const double Deviation = 0.02;

    public override Cost Count(Place place, Setting setting) => BottleneckModule.Count("branch", Width, place, setting);

    public override nn.Module<Tensor, Tensor> Build(Place place) => new BottleneckResidual(new BottleneckModule(Width, FromZero, place));
}

/// <summary>up(gelu(down(x))), each with a bias.</summary>
public sealed class BottleneckModule : nn.Module<Tensor, Tensor>
{
    private readonly Projection down, up;

    public BottleneckModule(int width, bool fromZero, Place place) : base("bottleneck")
    {
        var model = place.Shape.ModelWidth;
        down = new Projection(place, model, width, new Beginning(WeightRole.FeedForward, Bottleneck.Deviation), biased: true);
        up = new Projection(place, width, model, new Beginning(WeightRole.FeedForward, fromZero ? 0 : Bottleneck.Deviation), biased: true);
        RegisterComponents();
    }

    /// <summary>The cost of such a branch in a field of that name.</summary>
    public static Cost Count(string field, int width, Place place, Setting setting)
    {
        var model = place.Shape.ModelWidth;
        var products = 4.0 * model * width;
        return new(
            [.. Projection.Weights($"{field}.down", model, width, biased: true), .. Projection.Weights($"{field}.up", width, model, biased: true)],
            ForwardFlops: products * setting.Tokens, DecodeFlops: products * setting.Batch, ActivationBytes: 4 * setting.Tokens * (model + (2 * width)));
    }

    public override Tensor forward(Tensor x) => up.forward(nn.functional.gelu(down.forward(x), TorchSharp.Modules.GELU.Approximate.tanh));
}

/// <summary>A branch beside what passes through unchanged.</summary>
internal sealed class BottleneckResidual : nn.Module<Tensor, Tensor>
{
    private readonly BottleneckModule branch;

    public BottleneckResidual(BottleneckModule branch) : base("patch")
    {
        this.branch = branch;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x + branch.forward(x);
}
