using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// Adafactor (Shazeer and Stern 2018) as T5 was trained with it: Mesh TensorFlow's optimize.py at commit da90793, without momentum. The learning rate is relative to
/// each parameter's root mean square.
/// </summary>
[Kind("adafactor")]
public sealed record Adafactor(
    [property: Description("A parameter's second moments are kept as the means of its rows and columns where both of its largest sizes are at least this."), Range(1, int.MaxValue)] int FactoredFrom = 128,
    [property: Description("Whether a step is multiplied by the parameter's root mean square (at least 1e-3).")] bool ScaleByParameter = true,
    [property: Description("Decay of a running mean of the updates; 0 keeps none."), Range(0, 0.999999)] double Momentum = 0) : Optimizer
{
    public override OptimizerState Build(IReadOnlyList<(string Name, Parameter Value)> parameters) => new AdafactorState(this, parameters);

    public override double StateBytes(IEnumerable<Weight> weights) => sizeof(float) * weights.Sum(weight =>
        StateShapes(weight.Shape).Sum(shape => shape.Aggregate(1.0, (product, size) => product * size)) + (Momentum > 0 ? weight.Count : 0));

    /// <summary>The shapes of a parameter's second moments: two without one of its dimensions each, or one like itself.</summary>
    internal IReadOnlyList<long[]> StateShapes(IReadOnlyList<long> shape) =>
        Factored(shape) is var (largest, second) ? [Without(shape, largest), Without(shape, second)] : [[.. shape]];

    /// <summary>The two largest dimensions, of equal ones the first; null where one of them is too small to be worth it.</summary>
    internal (int Largest, int Second)? Factored(IReadOnlyList<long> shape)
    {
        var largestFirst = Enumerable.Range(0, shape.Count).OrderByDescending(dimension => shape[dimension]).ToArray();      // stable
        return largestFirst is [var largest, var second, ..] && shape[second] >= FactoredFrom ? (largest, second) : null;
    }

    private static long[] Without(IReadOnlyList<long> shape, int dimension) => [.. shape.Where((_, i) => i != dimension)];
}

internal sealed class AdafactorState : OptimizerState
{
    // optimize.py: epsilon1, epsilon2, clipping_threshold, and the exponent of adafactor_decay_rate_pow.
    private const double SquareFloor = 1e-30, ScaleFloor = 1e-3, LargestUpdate = 1, DecayExponent = -0.8;

    private readonly Adafactor options;
    private readonly Tensor[][] moments;
    private readonly Tensor[] means;
    private readonly (int Largest, int Second)?[] factored;
    private Tensor one = null!, towardsSquare = null!, keepMean = null!;
    private double learningRate;

    public AdafactorState(Adafactor options, IReadOnlyList<(string Name, Parameter Value)> parameters) : base(parameters)
    {
        this.options = options;
        factored = [.. parameters.Select(parameter => options.Factored(parameter.Value.shape))];
        moments = [.. parameters.Select(parameter => options.StateShapes(parameter.Value.shape).Select((shape, i) => Remember($"{parameter.Name}.square.{i}", parameter.Value, shape)).ToArray())];
        means = options.Momentum == 0 ? [] : [.. parameters.Select(parameter => Remember($"{parameter.Name}.mean", parameter.Value, parameter.Value.shape))];
    }

    protected override void Begin(long step, double learningRate)
    {
        this.learningRate = learningRate;
        (one, towardsSquare, keepMean) = (Number(1), Number(Math.Pow(step + 1, DecayExponent)), Number(options.Momentum));
    }

    private protected override bool StepFused(double gradientScale)
    {
        var pieces = Changing().Select(each => Piece(each.Index, each.Value, each.Gradient)).ToArray();
        if (pieces.Any(piece => piece is null)) return false;
        new AdafactorKernel
        {
            Scale = (float)gradientScale,
            Towards = towardsSquare.item<float>(),
            Floor = (float)SquareFloor,
            Momentum = (float)options.Momentum,
            Amount = Amount,
        }.Step(pieces!);
        return true;
    }

    /// <summary>Null for what the kernel does not know: moments factored over two of more than two dimensions.</summary>
    private AdafactorPiece? Piece(int index, Parameter parameter, Tensor gradient)
    {
        var mean = options.Momentum == 0 ? null : means[index];
        return (factored[index], parameter.dim(), moments[index]) switch
        {
            (null, _, [var each]) => new(parameter, gradient, each, null, false, mean),
            ((0, _), 2, [var columns, var rows]) => new(parameter, gradient, rows, columns, ColumnsAreRelative: true, mean),
            (_, 2, [var rows, var columns]) => new(parameter, gradient, rows, columns, ColumnsAreRelative: false, mean),
            _ => null,
        };
    }

    /// <summary>What an update is multiplied by.</summary>
    private double Amount(double parameterSize, double updateSize) =>
        -learningRate * (options.ScaleByParameter ? Math.Max(ScaleFloor, parameterSize) : 1) / Math.Max(1, updateSize / LargestUpdate);

    protected override void Update(int index, Parameter parameter, Tensor gradient)
    {
        var update = factored[index] is var (largest, second) ? Factored(moments[index], gradient, largest, second) : Whole(moments[index][0], gradient);
        var amount = Amount(options.ScaleByParameter ? RootMeanSquare(parameter) : 0, RootMeanSquare(update));
        if (options.Momentum == 0) parameter.add_(update, amount);
        else parameter.add_(means[index].mul_(keepMean).add_(update, amount * (1 - options.Momentum)));
    }

    private Tensor Factored(Tensor[] moments, Tensor gradient, int largest, int second)
    {
        var square = gradient.square().add_(one, SquareFloor);
        var rows = moments[0].lerp_(square.mean([largest]), towardsSquare);         // without the largest dimension
        var columns = moments[1].lerp_(square.mean([second]), towardsSquare);       // without the second
        var relative = rows.div(rows.mean([second > largest ? second - 1 : second], keepdim: true));
        return gradient.mul_(relative.rsqrt_().unsqueeze(largest)).mul_(columns.rsqrt().unsqueeze(second));
    }

    private Tensor Whole(Tensor moment, Tensor gradient)
    {
        moment.lerp_(gradient.square().add_(one, SquareFloor), towardsSquare);
        return gradient.mul_(moment.rsqrt());
    }

    private static double RootMeanSquare(Tensor tensor) => tensor.norm().ToDouble() / Math.Sqrt(tensor.numel());
}
