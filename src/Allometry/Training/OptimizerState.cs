using Allometry.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// What an optimiser remembers from step to step, and the step itself. Everything it remembers is in <see cref="Tensors"/>: a checkpoint is those and the step.
/// </summary>
public abstract class OptimizerState(IReadOnlyList<(string Name, Parameter Value)> parameters) : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    /// <summary>Without hand-written kernels.</summary>
    public bool Plain { get; set; }

    /// <summary>The state by name, in the order in which it was made.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>
    /// Changes every parameter that has a gradient, in place; <paramref name="step"/> counts from 0. Gradients are multiplied by
    /// <paramref name="gradientScale"/> first (averaging and clipping in one) and are overwritten.
    /// </summary>
    public void Step(long step, double learningRate, double gradientScale = 1)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        Begin(step, learningRate);
        if (Fuses() && StepFused(gradientScale)) return;
        var scale = Number(gradientScale);
        for (var i = 0; i < parameters.Count; i++)
        {
            using var each = NewDisposeScope();
            if (parameters[i].Value.grad is not { } gradient) continue;
            if (gradientScale != 1) gradient.mul_(scale);
            Update(i, parameters[i].Value, gradient);
        }
    }

    /// <summary>Of all gradients together.</summary>
    public double GradientNorm() => Math.Sqrt(SumOfSquares(_ => true));

    /// <summary>Of all values of the gradients of these parameters.</summary>
    internal double SumOfSquares(Func<Parameter, bool> which)
    {
        using var scope = NewDisposeScope();
        var gradients = Changing().Where(each => which(each.Value)).Select(each => each.Gradient).ToArray();
        return Fuses() ? Norms.SumOfSquares(gradients) : gradients.Sum(gradient => Math.Pow(gradient.norm().ToDouble(), 2));
    }

    public void Dispose()
    {
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    /// <summary>What all parameters of one step share; tensors made here live until its end.</summary>
    protected abstract void Begin(long step, double learningRate);

    /// <summary>Changes all parameters by a hand-written kernel, if there is one.</summary>
    private protected virtual bool StepFused(double gradientScale) => false;

    /// <summary>Changes one parameter, without recording; the gradient is scaled and may be overwritten.</summary>
    protected abstract void Update(int index, Parameter parameter, Tensor gradient);

    /// <summary>The parameters that have a gradient, by their place in the list.</summary>
    private protected IEnumerable<(int Index, Parameter Value, Tensor Gradient)> Changing()
    {
        for (var i = 0; i < parameters.Count; i++)
            if (parameters[i].Value.grad is { } gradient) yield return (i, parameters[i].Value, gradient);
    }

    private bool Fuses() => !Plain && NativeCalls.AreThere && Changing().All(each => NativeCalls.Reaches(each.Value) && NativeCalls.Reaches(each.Gradient));

    /// <summary>A new piece of state: zeros of the parameter's type.</summary>
    protected Tensor Remember(string name, Parameter parameter, params long[] shape)
    {
        var tensor = zeros(shape, dtype: parameter.dtype, device: parameter.device).DetachFromDisposeScope();
        tensors.Add(name, tensor);
        return tensor;
    }

    /// <summary>
    /// A number as a tensor [1]: an operation with it costs what one of two tensors costs (about 1 us), with a number or a tensor without dimensions
    /// three to five times that, because libtorch then works out the type of the result.
    /// </summary>
    protected Tensor Number(double value) => full([1], value, dtype: parameters[0].Value.dtype, device: parameters[0].Value.device);
}
