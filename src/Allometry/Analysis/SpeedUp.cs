using Allometry.Analysis.Laws;

namespace Allometry.Analysis;

/// <summary>
/// How much sooner than the study's baseline a shape comes to the same held-out loss (the metric of So et al. 2021): the baseline's steps, or seconds, over the shape's.
/// The loss is the higher of the two last ones, which both reach. Seed by seed, so that what is compared saw the same text.
/// </summary>
/// <param name="Gap">Last loss, the baseline's subtracted: below 0 the shape is better.</param>
/// <param name="StepTime">Seconds of a step over the baseline's.</param>
public sealed record SpeedUp(string Shape, Spread? Gap, Spread? Steps, Spread? Seconds, Spread? StepTime)
{
    private const string Curve = "validation-loss";

    /// <summary>Every shape but the baseline, in the recipe's order; none where the study names no baseline.</summary>
    public static IReadOnlyList<SpeedUp> All(Study study) => study.Baseline is not { } baseline ? [] : [.. study.Shapes().Where(shape => shape != baseline).Select(shape => Of(study, shape, baseline))];

    private static SpeedUp Of(Study study, string shape, string baseline)
    {
        var pairs = Trained(study, baseline).Join(Trained(study, shape), Repetition, Repetition, (theirs, ours) => (Theirs: theirs, Ours: ours)).ToArray();
        Spread? Over(Func<(StudyRun Theirs, StudyRun Ours), double> of) => Spread.Of(pairs.Select(of));
        return new(
            shape,
            Over(pair => pair.Ours.Result(Curve) - pair.Theirs.Result(Curve)),
            Over(pair => Factor(CurveOf(pair.Theirs, point => point.Step), CurveOf(pair.Ours, point => point.Step))),
            Over(pair => Factor(CurveOf(pair.Theirs, point => point.Seconds), CurveOf(pair.Ours, point => point.Seconds))),
            Over(pair => pair.Ours.MeasuredSeconds / pair.Theirs.MeasuredSeconds ?? double.NaN));
    }

    /// <summary>Where the baseline first has the loss that both reach, over where the other has; NaN where one has it from the start.</summary>
    public static double Factor(TrainingCurve baseline, TrainingCurve other)
    {
        if (baseline.Loss.Count == 0 || other.Loss.Count == 0) return double.NaN;
        var loss = Math.Max(baseline.Loss[^1], other.Loss[^1]);
        return baseline.First(loss) / other.First(loss) ?? double.NaN;
    }

    private static IEnumerable<StudyRun> Trained(Study study, string shape) => study.RunsOf(shape).Where(run => run.Stage == StudyRun.Pretraining && run.IsDone && run.Curves.ContainsKey(Curve));

    /// <summary>What two runs have in common that may be compared: seed and length.</summary>
    private static (long Seed, long Steps) Repetition(StudyRun run) => (run.Seed, run.Curves[Curve][^1].Step);

    private static TrainingCurve CurveOf(StudyRun run, Func<CurvePoint, double> at) =>
        TrainingCurve.Of(run.Curves[Curve].Where(point => double.IsFinite(point.Value)).Select(point => (at(point), point.Value)));
}
