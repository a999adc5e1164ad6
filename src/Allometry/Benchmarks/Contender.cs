using Allometry.Kernels;
using Allometry.Models;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>Something whose steps are timed beside others'.</summary>
public abstract class Contender : IDisposable
{
    /// <summary>One more step.</summary>
    public abstract StepTimes Step();

    public abstract void Dispose();
}

/// <summary>Training as <c>allometry run</c> does it, by kernels or from library operations, with the same weights and batch.</summary>
public sealed class TrainingContender : Contender
{
    private readonly LanguageModel model;
    private readonly Trainer trainer;
    private readonly IEnumerator<TrainingStep> steps;

    public TrainingContender(BenchShape shape, Optimizer optimizer, bool plain)
    {
        manual_seed(0);
        model = shape.Architecture.Build(shape.Shape);
        (model.Plain, model.Precision) = (plain, shape.Precision);
        trainer = new(model, (model, batch, options) => model.Loss(batch.Inputs, batch.InputMask, batch.Targets, options), shape.Source(), new(optimizer, 1e-4, new Constant()), long.MaxValue, 0);
        steps = trainer.Steps().GetEnumerator();
    }

    /// <summary>Bytes of weights, their gradients and what the optimiser remembers.</summary>
    public long StateBytes => trainer.StateBytes;

    /// <summary>The products of one forward pass, at their exact sizes.</summary>
    public static IReadOnlyList<ProductSize> ProductsOf(BenchShape shape)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = shape.Architecture.Build(shape.Shape);
        model.Plain = true;
        using var batch = Tasks.Batch.Of(shape.Source().At(0));
        using var record = Products.Record();
        model.Loss(batch.Inputs, batch.InputMask, batch.Targets, new LossOptions());
        return [.. record.Products];
    }

    public override StepTimes Step()
    {
        steps.MoveNext();
        return steps.Current.Times;
    }

    public override void Dispose()
    {
        steps.Dispose();
        trainer.Dispose();
        model.Dispose();
    }
}

/// <summary>The matrix products of a step and nothing else.</summary>
public sealed class LimitContender(BenchShape shape) : Contender
{
    private readonly ProductLimit limit = new(TrainingContender.ProductsOf(shape), shape.Precision);

    public override StepTimes Step()
    {
        var (forward, backward) = limit.Measure();
        return new(forward, backward, 0, forward + backward);
    }

    public override void Dispose() => limit.Dispose();
}
