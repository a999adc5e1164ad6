namespace Allometry.Analysis;

/// <summary>
/// What a grown model takes to come to the held-out loss that the same shape, trained from scratch, ends with, against what scratch itself takes to be there for the first time: a curve goes up and down, and whoever is
/// looked at until its end would be there later than whoever is not. Seed by seed, so that what is compared saw the same text.
/// </summary>
/// <param name="Growth">How it was grown.</param>
public sealed record TargetCost(string Shape, string Growth, IReadOnlyList<TargetPair> Pairs)
{
    private const string Loss = "validation-loss";

    /// <summary>Every shape and growth for which some seed was trained from scratch too, in the order of the runs.</summary>
    public static IReadOnlyList<TargetCost> All(Study study) =>
        [.. study.Runs.Where(run => run.Stage == StudyRun.Grown && IsMeasured(run)).GroupBy(run => (run.Name, run.From))
            .Select(grown => new TargetCost(grown.Key.Name, grown.Key.From, [.. grown.Select(run => Pair(study, run)).OfType<TargetPair>()])).Where(cost => cost.Pairs.Count > 0)];

    public Spread? Over(Func<TargetPair, double> figure) => Spread.Of(Pairs.Select(figure));

    private static TargetPair? Pair(Study study, StudyRun grown)
    {
        if (study.Runs.FirstOrDefault(run => run.Stage == StudyRun.Pretraining && run.Shape == grown.Shape && run.Seed == grown.Seed && IsMeasured(run)) is not { } scratch) return null;
        var (target, before) = (scratch.Result(Loss), study.Before(grown));
        return new(grown.Seed, target, before.FirstOrDefault()?.Result(Loss) ?? double.NaN,
            new(First(scratch, Flops(scratch), target), First(grown, Flops(grown), target), before.Sum(run => run.Facts.TrainingFlops)),
            new(First(scratch, point => point.Seconds, target), First(grown, point => point.Seconds, target), before.Sum(run => run.MeasuredSeconds ?? double.NaN)));
    }

    /// <summary>What a run has taken by a point of its curve, preparing included.</summary>
    private static Func<CurvePoint, double> Flops(StudyRun run)
    {
        var perStep = (run.Facts.TrainingFlops - run.Facts.PreparationFlops) / run.Curves[Loss][^1].Step;
        return point => run.Facts.PreparationFlops + (perStep * point.Step);
    }

    /// <summary>Where a curve first has a loss, on a line between two points; NaN where it never has.</summary>
    private static double First(StudyRun run, Func<CurvePoint, double> at, double loss)
    {
        var points = run.Curves[Loss].Where(point => double.IsFinite(point.Value)).OrderBy(point => point.Step).ToArray();
        var reached = Array.FindIndex(points, point => point.Value <= loss);
        if (reached <= 0) return reached == 0 ? at(points[0]) : double.NaN;
        var (before, after) = (points[reached - 1], points[reached]);
        return at(before) + ((at(after) - at(before)) * (before.Value - loss) / (before.Value - after.Value));
    }

    private static bool IsMeasured(StudyRun run) => run.IsDone && run.Curves.ContainsKey(Loss);
}

/// <summary>One seed.</summary>
/// <param name="Loss">The held-out loss to come to.</param>
/// <param name="Smaller">That of the model which was grown.</param>
public sealed record TargetPair(long Seed, double Loss, double Smaller, TargetAmount Flops, TargetAmount Seconds)
{
    public bool IsReached => double.IsFinite(Flops.Grown);
}

/// <summary>One measure of cost.</summary>
/// <param name="Scratch">Of the training from scratch until it first has the loss that it ends with.</param>
/// <param name="Grown">Of growing, and of training the grown model until it has the loss; NaN where it never has.</param>
/// <param name="Before">Of all trainings before it.</param>
public sealed record TargetAmount(double Scratch, double Grown, double Before)
{
    /// <summary>The share that is spared where the smaller model is there already.</summary>
    public double Saving => 1 - (Grown / Scratch);

    /// <summary>The share that is spared where the smaller model is made for this.</summary>
    public double WholeSaving => 1 - ((Grown + Before) / Scratch);
}
