using Allometry.Analysis;
using Allometry.Analysis.Laws;
using Allometry.Kinds;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>
/// From a study's own runs: the logarithm of the loss, and the quality as it is, each linear in the logarithms of compute and of depth, as far as the shapes tried
/// can tell these apart. Loss and quality are foretold separately, since shapes that are equal in one need not be in the other.
/// </summary>
public sealed record StudyOutlook : Outlook
{
    /// <summary>With fewer shapes nothing is left to measure noise by.</summary>
    public const int FewestShapes = 4;

    private readonly IReadOnlyList<Func<double, double, double>> features;
    private readonly LinearFit loss;
    private readonly LinearFit? quality;
    private readonly (double Least, double Most) compute;
    private readonly string name;
    private readonly string unit;

    private StudyOutlook(Study study, (ShapeSummary Shape, double Flops, double Layers, double Loss)[] runs, Findings findings)
    {
        (name, unit) = (study.Name, findings.Main == Yardstick.Loss ? "" : findings.Main.Unit);
        features = Told([.. runs.Select(run => (run.Flops, run.Layers))], runs.Select(run => run.Shape.Name).Distinct().Count());
        loss = LinearFit.Of([.. runs.Select(run => Features(run.Flops, run.Layers))], [.. runs.Select(run => Math.Log(run.Loss))]) ?? throw TooFew(study, "its runs do not differ in compute or depth");
        var scored = findings.Shapes.Where(shape => shape.Scores.Quality is not null).ToArray();
        quality = scored.Length < FewestShapes ? null : LinearFit.Of([.. scored.Select(shape => Features(shape.Facts.TrainingFlops, shape.Layers))], [.. scored.Select(shape => shape.Scores.Quality!.Mean)]);
        compute = (runs.Min(run => run.Flops), runs.Max(run => run.Flops));
    }

    public override string Basis => $"the runs of study {name}";

    public override string QualityWords => unit;

    /// <summary>An <see cref="InputException"/> where fewer than four shapes have a loss.</summary>
    public static StudyOutlook Of(Study study)
    {
        var findings = Findings.Of(study);
        var runs = (from shape in findings.Shapes
                    from run in study.RunsOf(shape.Name).Where(run => run.Stage == StudyRun.Pretraining && double.IsFinite(run.Result("validation-loss")))
                    select (shape, run.Facts.TrainingFlops, (double)shape.Layers, run.Result("validation-loss"))).ToArray();
        var shapes = runs.Select(run => run.shape.Name).Distinct().Count();
        return shapes >= FewestShapes ? new(study, runs, findings) : throw TooFew(study, $"{shapes} shapes of it have a held-out loss and {FewestShapes} are needed");
    }

    public override Foretold Loss(Candidate candidate)
    {
        var x = Features(candidate.Load.TrainingFlops, candidate.Layers);
        var (value, half) = (loss.At(x), loss.HalfWidth(x));
        return new(Math.Exp(value), new(Math.Exp(value - half), Math.Exp(value + half)), Beyond(candidate));
    }

    public override Foretold? Quality(Candidate candidate)
    {
        if (quality is null) return null;
        var x = Features(candidate.Load.TrainingFlops, candidate.Layers);
        var (value, half) = (quality.At(x), quality.HalfWidth(x));
        return new(Math.Clamp(value, 0, 1), new(Math.Max(0, value - half), Math.Min(1, value + half)), Beyond(candidate));
    }

    public override double Narrowed(Candidate target, Candidate extra)
    {
        var x = Features(target.Load.TrainingFlops, target.Layers);
        return loss.HalfWidthAfter(x, Features(extra.Load.TrainingFlops, extra.Layers)) / loss.HalfWidth(x);
    }

    private double Beyond(Candidate candidate) => Math.Max(1, Math.Max(candidate.Load.TrainingFlops / compute.Most, compute.Least / candidate.Load.TrainingFlops));

    private double[] Features(double flops, double layers) => [1, .. features.Select(feature => feature(flops, layers))];

    /// <summary>Compute, then depth, if they vary, are not the same thing, and shapes are left to measure noise by.</summary>
    private static IReadOnlyList<Func<double, double, double>> Told((double Flops, double Layers)[] runs, int shapes)
    {
        List<Func<double, double, double>> told = [];
        if (Varies(runs.Select(run => run.Flops))) told.Add((flops, _) => Math.Log(flops));
        if (Varies(runs.Select(run => run.Layers)) && (told.Count == 0 || (shapes > FewestShapes && !SameThing(runs)))) told.Add((_, layers) => Math.Log(layers));
        return told;
    }

    private static bool Varies(IEnumerable<double> values) => values.Max() / values.Min() > 1.02;

    private static bool SameThing((double Flops, double Layers)[] runs) =>
        Math.Abs(MathNet.Numerics.Statistics.Correlation.Pearson(runs.Select(run => Math.Log(run.Flops)), runs.Select(run => Math.Log(run.Layers)))) > 0.99;

    private static InputException TooFew(Study study, string what) => new($"study {study.Name}", what, "run more shapes, or leave --store out: then published results answer");
}
