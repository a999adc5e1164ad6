using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>Adam with decoupled weight decay and bias correction (Loshchilov and Hutter 2019, algorithm 2, with PyTorch's reading of the decay: times the learning rate).</summary>
[Kind("adamw")]
public sealed record AdamW(
    [property: Description("Decay of the running mean of gradients."), Range(0, 0.999999)] double Beta1 = 0.9,
    [property: Description("Decay of the running mean of squared gradients."), Range(0, 0.9999999)] double Beta2 = 0.999,
    [property: Description("Added to the denominator.")] double Epsilon = 1e-8,
    [property: Description("Share of each parameter, times the learning rate, that a step takes away."), Range(0, double.MaxValue)] double WeightDecay = 0.01) : Optimizer
{
    public override OptimizerState Build(IReadOnlyList<(string Name, Parameter Value)> parameters) => new AdamWState(this, parameters);

    public override double StateBytes(IEnumerable<Weight> weights) => weights.Sum(weight => 2.0 * sizeof(float) * weight.Count);
}

internal sealed class AdamWState : OptimizerState
{
    private readonly AdamW options;
    private readonly Tensor[] means, squares;
    private Tensor one = null!, towardsGradient = null!, keepSquare = null!;
    private Scalar newSquare = 0, decay = 0, epsilon = 0, amount = 0;

    public AdamWState(AdamW options, IReadOnlyList<(string Name, Parameter Value)> parameters) : base(parameters)
    {
        this.options = options;
        means = [.. parameters.Select(parameter => Remember($"{parameter.Name}.mean", parameter.Value, parameter.Value.shape))];
        squares = [.. parameters.Select(parameter => Remember($"{parameter.Name}.square", parameter.Value, parameter.Value.shape))];
    }

    protected override void Begin(long step, double learningRate)
    {
        (one, towardsGradient, keepSquare) = (Number(1), Number(1 - options.Beta1), Number(options.Beta2));
        var meanCorrection = 1 - Math.Pow(options.Beta1, step + 1);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(options.Beta2, step + 1));
        newSquare = 1 - options.Beta2;
        decay = -learningRate * options.WeightDecay;
        // m/c1 / (sqrt(v)/c2 + epsilon) = c2/c1 * m / (sqrt(v) + c2 epsilon)
        epsilon = squareCorrection * options.Epsilon;
        amount = -learningRate * squareCorrection / meanCorrection;
    }

    private protected override bool StepFused(double gradientScale)
    {
        var kernel = new AdamWKernel
        {
            Scale = (float)gradientScale,
            TowardsGradient = (float)(1 - options.Beta1),
            KeepSquare = (float)options.Beta2,
            NewSquare = (float)(1 - options.Beta2),
            Epsilon = epsilon.ToSingle(),
            Keep = (float)(1 + decay.ToDouble()),
            Amount = amount.ToSingle(),
        };
        kernel.Step([.. Changing().Select(each => new AdamWPiece(each.Value, each.Gradient, means[each.Index], squares[each.Index]))]);
        return true;
    }

    protected override void Update(int index, Parameter parameter, Tensor gradient)
    {
        means[index].lerp_(gradient, towardsGradient);
        squares[index].mul_(keepSquare).addcmul_(gradient, gradient, newSquare);
        var denominator = gradient.copy_(squares[index]).sqrt_().add_(one, epsilon);
        if (options.WeightDecay != 0) parameter.add_(parameter, decay);
        parameter.addcdiv_(means[index], denominator, amount);
    }
}
