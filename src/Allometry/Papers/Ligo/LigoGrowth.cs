using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Ligo;

/// <summary>How the rows of new channels, heads and units begin.</summary>
public enum LigoWidth
{
    /// <summary>Means of all old ones with random weights: near their mean.</summary>
    Random,

    /// <summary>One old one each, at random.</summary>
    Selected,
}

/// <summary>
/// Wang et al. 2023: the larger model's weights are a linear function of the smaller one's, and the function is learnt first, for a few steps, by the larger model's own loss. Then it is applied once and thrown away.
/// </summary>
[Kind("ligo"), Description("Weights of the larger model as a linear function of the smaller one's, which is learnt for a few steps of the larger model's training.")]
public sealed record LigoGrowth : Growth
{
    [Description("Steps in which the operator is learnt; none leaves it where it begins."), Range(0, long.MaxValue)]
    public long Steps { get; init; } = 100;

    [Description("Highest rate of these steps; it falls to nothing, without a warm-up."), Range(0.0, double.MaxValue)]
    public double LearningRate { get; init; } = 0.003;

    [Description("How new channels, heads and units begin: random (means of old ones) or selected (one old one each).")]
    public LigoWidth Width { get; init; } = LigoWidth.Random;

    [Description("Whose copies new layers begin as: stacking or interpolation.")]
    public DepthGrowth Depth { get; init; } = new Stacking();

    [Description("Whether new layers begin with a little of the other layers in them.")]
    public bool Noisy { get; init; } = true;

    public override bool Learns => true;

    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        foreach (var problem in GrownWeight.Problems("growth: ligo", architecture, small, large)) yield return problem;
        foreach (var problem in Depth.ProblemsWithin("growth: ligo: depth", architecture)) yield return problem;
    }

    /// <summary>Every step is one of the larger model; its weights are made before it (forward), and their gradients go back to the operator (twice that).</summary>
    public override GrowthCost Count(Architecture architecture, Shape small, Shape large, CostSheet step)
    {
        var modules = LigoModule.All(architecture, small, large);
        var make = modules.Sum(module => module.MakeFlops);
        var coefficients = LigoModule.Matrices(modules).Sum(matrix => Math.Max(1.0, matrix.Layers) * matrix.New * matrix.Old)
            + modules.Where(module => module.Deepens).Sum(module => (double)module.Large.Count * module.Small.Count);
        var (old, grown) = (architecture.Count(small, new()).Parameters, architecture.Count(large, new()).Parameters);
        // The smaller model; the larger one's weights as autograd has them, width by width and with their gradients; the coefficients with theirs and Adam's two moments.
        return new((Steps * (step.TrainingFlops + (3 * make))) + make, sizeof(float) * (old + (4.0 * grown) + (4 * coefficients)));
    }

    public override void Grow(GrowthSite site)
    {
        using var grown = new LigoOperator(site.Small, site.Large.Shape, new(this, site.Seed));
        if (Steps > 0)
        {
            using var trainer = new Trainer(site.Large, site.Loss, site.Batches, Options(site), Steps, site.Seed, grown);
            site.Train(trainer);
        }
        grown.Fill(site.Large);
    }

    // The released code's optimiser and clipping; its weight decay, which would pull copies towards nothing, and its warm-up, in which so few steps hardly learn, are left out.
    private TrainingOptions Options(GrowthSite site) => site.Options with
    {
        Optimizer = new AdamW(Epsilon: 1e-6, WeightDecay: 0),
        LearningRate = LearningRate,
        Schedule = new WarmupStableDecay(Warmup: 0, Decay: Steps),
        Clip = 1,
    };
}
