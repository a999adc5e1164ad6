using System.ComponentModel;
using Allometry.Analysis.Transfer;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>A small sweep of the learning rate, and the rule by which what it finds is carried to the shapes of the study. A naive plan makes the sweep at each shape itself.</summary>
public sealed record Tuning(
    [Description("Learning rates to try.")] IReadOnlyList<double> Rates,
    [Description("Small shapes to try them on; their vocabulary is the study's.")] IReadOnlyList<Shape> Shapes,
    [Description("When to stop each try; as the stage itself where left out.")] Budget? Budget = null,
    [Description("How the best rates are carried to another shape.")] TransferRule? Rule = null,
    [Description("Seed of all tries.")] long Seed = 1) : IReadable<Tuning>, IChecked
{
    static Tuning? IReadable<Tuning>.FromNode(Node node, ReadContext context) => context.ReadMembers<Tuning>(node.AsLists("shapes"));

    public TransferRule RuleInUse => Rule ?? new PowerOfWidth();

    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Rates.Count < 3 || Rates.Any(rate => rate <= 0)) yield return (nameof(Rates), "a best rate shows among three rates above 0 at least", "write such as [0.005, 0.01, 0.02, 0.04]");
        if (Shapes.Count == 0) yield return (nameof(Shapes), "there is no shape to try them on", "name one or two small ones");
    }

    /// <summary>The tries that decide the rate of a run.</summary>
    internal IEnumerable<Run> Sweep(Run run, PretrainStage stage, bool naive) =>
        from shape in naive ? [run.Shape] : Shapes
        from rate in Rates
        select run with
        {
            Stage = stage with { LearningRate = rate, Budget = Budget ?? stage.Budget },
            Shape = shape with { Vocabulary = run.Shape.Vocabulary },
            Numbers = run.Numbers with { Seed = Seed },
        };
}

/// <summary>Where a run has its learning rate from.</summary>
/// <param name="Sweep">The runs of the sweep.</param>
public sealed record Transferred(TransferRule Rule, IReadOnlyList<string> Sweep)
{
    /// <summary>The rate for a width; of sweeps in which every training of a shape diverged nothing follows, which is a RunFailedException.</summary>
    public double Rate(IEnumerable<(Run Run, double Loss)> sweep, int width)
    {
        var found = sweep.GroupBy(one => one.Run.Shape with { Name = null })
            .Select(shape => (Width: (double)shape.Key.ModelWidth, Best: Optimum.Of(shape.Select(one => (((TrainingStage)one.Run.Stage).LearningRate, one.Loss)))))
            .Where(shape => shape.Best is not null).Select(shape => new BestSetting(shape.Width, shape.Best!.Value)).ToList();
        return found.Count > 0 ? Rule.For(found, width) : throw new RunFailedException("tuning", "every training of the sweep has diverged, so no rate follows from it", "try lower rates");
    }
}
