using Allometry.Advising;
using Allometry.Analysis.Laws;
using Allometry.Text;
using MathNet.Numerics.Statistics;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>
/// From published runs, where one has none: Gadre et al. 2024 (data/scaling), decoder-only models of 11 million to 6.9 billion parameters on C4. Chinchilla's law
/// of their losses, and the error on their tasks by the loss. The paper's own table has too few numbers with a cost to foretell anything from.
/// </summary>
public sealed record PublishedOutlook : Outlook
{
    private const string Table = "scaling/openlm-c4-rpj.csv";
    private const int Replicates = 300, FewerReplicates = 200;

    private readonly LawFit loss, error;
    private readonly double noise;

    private PublishedOutlook(LawFit loss, LawFit error) => (this.loss, this.error, noise) = (loss, error, loss.Residuals.Select(gap => gap * gap).Average());

    public override string Basis => "published runs of others (Gadre et al. 2024: decoder-only models on C4 with another vocabulary), which show the size of things rather than your numbers";

    public override string QualityWords => "share right, mean of their 17 tasks";

    /// <param name="without">Rows that are left out, to be asked for.</param>
    public static PublishedOutlook Of(Func<Row, bool>? without = null)
    {
        using var reader = new StreamReader(typeof(PublishedOutlook).Assembly.GetManifestResourceStream(Table) ?? throw new InvalidOperationException($"The assembly lacks its resource {Table}."));
        Row[] rows = [.. Rows.Read(reader, ".csv", Table, problem => throw new InvalidOperationException(problem.ToString())).Where(row => row.Cells["train_set"] == "c4_original" && without?.Invoke(row) != true)];
        var columns = new LawColumns(new(Table, [.. rows[0].Cells.Keys], rows), new Dictionary<Variable, string>
        {
            [Variable.Parameters] = "params_total",
            [Variable.Loss] = "loss_c4_val",
            [Variable.Error] = "err17",
        });
        LawFit Fit(ScalingLaw law) => LawFit.Of(law, columns.Observations(law, rows), Replicates);
        return new(Fit(new Analysis.Laws.Chinchilla()), Fit(new Downstream()));
    }

    public override IReadOnlyList<Hindsight> BackTests => field ??= [.. BackTest.ByCost(loss.Law, loss.Rows).SelectMany(HindsightsOf)];

    public override Foretold Loss(Candidate candidate) => loss.Foretell(At(candidate));

    public override Foretold? Quality(Candidate candidate) => Quality(At(candidate));

    private Foretold Quality(IReadOnlyList<double> at)
    {
        var foretold = loss.Foretell(at);
        var random = RandomStream.For(1, "error");
        var draws = loss.Replicates.Parameters.Zip(error.Replicates.Parameters).Select(pair =>
            1 - error.Law.Predict(pair.Second, [loss.Law.Predict(pair.First, at)]) - error.Residuals[random.Below(error.Residuals.Count)]);
        return new(1 - error.Law.Predict(error.Estimate.Parameters, [foretold.Value]), Interval.Of(draws), foretold.Extrapolation);
    }

    /// <summary>Replicates of the law agree or disagree about both runs together: what one tells of the other.</summary>
    public override double Narrowed(Candidate target, Candidate extra)
    {
        double[] Draws(Candidate candidate) => [.. loss.Replicates.Parameters.Select(parameters => Math.Log(loss.Law.Predict(parameters, At(candidate))))];
        double[] goal = Draws(target), probe = Draws(extra);
        var (before, shared) = (goal.Variance(), ArrayStatistics.Covariance(goal, probe));
        return Math.Sqrt((before - shared * shared / (probe.Variance() + noise) + noise) / (before + noise));
    }

    /// <summary>Both laws are fitted to the cheap runs, and the dear ones' tasks are foretold from their foretold losses.</summary>
    private IEnumerable<Hindsight> HindsightsOf(BackTest test)
    {
        var dear = test.Tests.Select(tested => tested.Observed).ToHashSet();
        var tasks = loss.Rows.Zip(error.Rows).ToLookup(run => dear.Contains(run.First));
        var cheap = new PublishedOutlook(test.Fit, LawFit.Of(error.Law, [.. tasks[false].Select(run => run.Second)], FewerReplicates));
        Tested[] scores = [.. tasks[true].Select(run => new Tested(run.First with { Y = 1 - run.Second.Y }, cheap.Quality(run.First.X)))];
        return new[] { Hindsight.Of("loss", test.Cut, test.Fit.Points.Count, test.Tests), Hindsight.Of("quality", test.Cut, cheap.error.Points.Count, scores) }.OfType<Hindsight>();
    }

    private static double[] At(Candidate candidate) => [candidate.Load.Parameters, candidate.Load.Tokens];
}
