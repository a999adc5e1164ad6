using Allometry.Analysis;
using Allometry.Analysis.Laws;
using Allometry.Kinds;

namespace Allometry.Advising;

/// <summary>
/// From a study's own runs: the logarithm of the loss, and the quality as it is, each linear in the logarithms of compute and of depth, as far as the shapes tried
/// can tell these apart. Loss and quality are foretold separately, since shapes that are equal in one need not be in the other.
/// </summary>
public sealed record StudyOutlook : Outlook
{
    /// <summary>With fewer shapes nothing is left to measure noise by.</summary>
    public const int FewestShapes = 4;

    private readonly IReadOnlyList<Func<double, double, double>> features;
    private readonly IReadOnlyList<Observation> losses, qualities;
    private readonly LinearFit loss;
    private readonly LinearFit? quality;
    private readonly Findings findings;
    private readonly string? againstLoss, againstQuality;

    /// <param name="losses">Of runs, by compute and depth.</param>
    /// <param name="qualities">Of shapes.</param>
    private StudyOutlook(Findings findings, IReadOnlyList<Observation> losses, IReadOnlyList<Observation> qualities)
    {
        (this.findings, this.losses, this.qualities) = (findings, losses, qualities);
        features = Told([.. losses.Select(run => (run.X[0], run.X[1]))], losses.Select(run => run.Run).Distinct().Count());
        loss = LossFit(losses) ?? throw TooFew(findings.Study, "its runs do not differ in compute or depth");
        quality = QualityFit(qualities);
        (againstLoss, againstQuality) = (Objection("loss", loss, -1), Objection("quality", quality, 1));
    }

    public override string Basis => $"the runs of study {findings.Study.Name}";

    public override string QualityWords => findings.Main == Yardstick.Loss ? "" : findings.Main.Unit;

    public override IReadOnlyList<Hindsight> BackTests => field ??=
        [.. Hindsights("loss", losses, LossFit, Math.Exp), .. Hindsights("quality", qualities, QualityFit, Share)];

    public override IReadOnlyList<string> Doubts => [.. new[] { againstLoss, againstQuality }.OfType<string>()];

    /// <summary>An <see cref="InputException"/> where fewer than four shapes have a loss.</summary>
    public static StudyOutlook Of(Study study)
    {
        var findings = Findings.Of(study);
        Observation[] losses = [.. from shape in findings.Shapes
                                   from run in study.RunsOf(shape.Name).Where(run => run.Stage == StudyRun.Pretraining && double.IsFinite(run.Result("validation-loss")))
                                   select new Observation(shape.Name, [run.Facts.TrainingFlops, shape.Layers], run.Result("validation-loss"))];
        Observation[] qualities = [.. findings.Shapes.Where(shape => shape.Scores.Quality is not null).Select(shape => new Observation(shape.Name, [shape.Facts.TrainingFlops, shape.Layers], shape.Scores.Quality!.Mean))];
        var shapes = losses.Select(run => run.Run).Distinct().Count();
        return shapes >= FewestShapes ? new(findings, losses, qualities) : throw TooFew(study, $"{shapes} shapes of it have a held-out loss and {FewestShapes} are needed");
    }

    public override IReadOnlyList<Proposal> Measured(Trial trial) => [.. findings.Shapes.Select(shape =>
        new Proposal(trial.Of(trial.Like(shape.Facts) with { Name = shape.Name }), Seen(shape.Loss), Seen(shape.Scores.Quality), 1, IsMeasured: true))];

    public override Foretold? Loss(Candidate candidate) => againstLoss is null ? Foretell(loss, At(candidate), losses, Math.Exp) : null;

    public override Foretold? Quality(Candidate candidate) => quality is null || againstQuality is not null ? null : Foretell(quality, At(candidate), losses, Share);

    public override double Narrowed(Candidate target, Candidate extra) => loss.HalfWidthAfter(Features(At(target)), Features(At(extra))) / loss.HalfWidth(Features(At(target)));

    private LinearFit? LossFit(IReadOnlyList<Observation> runs) => LinearFit.Of([.. runs.Select(run => Features(run.X))], [.. runs.Select(run => Math.Log(run.Y))]);

    private LinearFit? QualityFit(IReadOnlyList<Observation> shapes) => shapes.Count < FewestShapes ? null : LinearFit.Of([.. shapes.Select(shape => Features(shape.X))], [.. shapes.Select(shape => shape.Y)]);

    /// <summary>More compute at one depth should bring less loss, and more quality.</summary>
    private string? Objection(string what, LinearFit? fit, int sign) =>
        fit is not null && Varies(losses.Select(run => run.X[0])) ? ExponentRule.Objection(what, [("the exponent of compute", sign * fit.Coefficients[1])]) : null;

    private static Foretold? Seen(Spread? spread) => spread is null ? null : new(spread.Mean, null, 1);

    /// <param name="form">From what is linear to what is foretold.</param>
    private Foretold Foretell(LinearFit fit, IReadOnlyList<double> at, IReadOnlyList<Observation> fitted, Func<double, double> form)
    {
        var (value, half) = (fit.At(Features(at)), fit.HalfWidth(Features(at)));
        return new(form(value), new(form(value - half), form(value + half)), Beyond(at, fitted));
    }

    private static double Share(double value) => Math.Clamp(value, 0, 1);

    private IEnumerable<Hindsight> Hindsights(string quantity, IReadOnlyList<Observation> seen, Func<IReadOnlyList<Observation>, LinearFit?> fit, Func<double, double> form) =>
        from cut in BackTest.Cuts(seen, x => x[0])
        let cheap = fit(cut.Cheap)
        where cheap is not null
        select Hindsight.Of(quantity, cut.Words, cut.Cheap.Count, [.. cut.Dear.Select(run => new Tested(run, Foretell(cheap, run.X, cut.Cheap, form)))]) into hindsight
        where hindsight is not null
        select hindsight;

    private static double[] At(Candidate candidate) => [candidate.Load.TrainingFlops, candidate.Layers];

    /// <summary>How many times more or less compute than any run that was fitted.</summary>
    private static double Beyond(IReadOnlyList<double> at, IReadOnlyList<Observation> fitted) => Math.Max(1, Math.Max(at[0] / fitted.Max(run => run.X[0]), fitted.Min(run => run.X[0]) / at[0]));

    private double[] Features(IReadOnlyList<double> at) => [1, .. features.Select(feature => feature(at[0], at[1]))];

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
