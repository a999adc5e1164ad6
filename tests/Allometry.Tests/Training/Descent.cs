using Allometry.Costs;
using Allometry.Training;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Allometry.Tests.Training;

/// <summary>Plain gradient descent: what a step does to the parameters is the gradient that the trainer hands on.</summary>
internal sealed record Descent : Optimizer
{
    public static readonly TrainingOptions Options = new(new Descent(), 1, new Constant());

    public override OptimizerState Build(IReadOnlyList<(string Name, Parameter Value)> parameters) => new State(parameters);

    public override double StateBytes(IEnumerable<Weight> weights) => 0;

    private sealed class State(IReadOnlyList<(string Name, Parameter Value)> parameters) : OptimizerState(parameters)
    {
        private double rate;

        protected override void Begin(long step, double learningRate) => rate = learningRate;

        protected override void Update(int index, Parameter parameter, Tensor gradient) => parameter.add_(gradient, -rate);
    }
}
