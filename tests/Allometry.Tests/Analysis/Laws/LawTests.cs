using Allometry.Analysis.Laws;
using Allometry.Kinds;
using Allometry.Papers.Chinchilla;
using Allometry.Text;
using MathNet.Numerics.Distributions;

namespace Allometry.Tests.Analysis.Laws;

/// <summary>What must hold of laws whatever their form, and the worked examples of all but Chinchilla's.</summary>
public sealed class LawTests
{
    private static readonly IReadOnlyList<double> Truth = [1.7, 400, 900, 0.33, 0.29];

    [Fact]
    public void Kaplan_s_line_has_the_worked_constants_error_and_prediction()
    {
        var golden = ScalingGoldens.Json["powerlaw_ols"]!;
        Observation[] points = [.. golden.Numbers("N").Zip(golden.Numbers("L")).Select((pair, i) => new Observation($"{i}", [pair.First], pair.Second))];
        var fit = LawFit.Of(new KaplanParameters(), points);
        ScalingGoldens.Near(golden.Number("N_c"), fit.Estimate.Parameters[0], ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("alpha_N"), fit.Estimate.Parameters[1], ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("se_alpha"), PowerLine.Of(golden.Numbers("N"), golden.Numbers("L")).SlopeError, ScalingGoldens.Closed);
        var foretold = fit.Foretell([golden.Number("predict_N")]);
        ScalingGoldens.Near(golden.Number("L_pred"), foretold.Value, ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Numbers("pi95")[0], foretold.Interval!.Low, ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Numbers("pi95")[1], foretold.Interval.High, ScalingGoldens.Closed);
        Assert.Equal(100, foretold.Extrapolation, 6);
        // Student's t of two degrees of freedom: alpha ± 4.3027 standard errors, here from draws.
        Assert.Equal(golden.Number("alpha_N") - 4.3027 * golden.Number("se_alpha"), fit.IntervalOf(parameters => parameters[1])!.Low, 4e-4);
    }

    /// <summary>What ten seconds of two cores hold: of the processors' time, all threads together, since the clock also counts how long others had them.</summary>
    [Fact]
    public void All_worked_examples_are_fitted_in_ten_seconds_of_two_cores()
    {
        var chinchilla = new ChinchillaTests();
        Action[] examples =
        [
            chinchilla.Losses_are_foretold_as_worked, () => chinchilla.Budgets_are_split_as_worked_and_nothing_else_is_better("chinchilla_allocate"), () => chinchilla.Budgets_are_split_as_worked_and_nothing_else_is_better("chinchilla_allocate_hoffmann_unrounded"),
            chinchilla.Huber_s_loss_and_its_slope_are_as_worked, The_frontier_is_as_worked, chinchilla.Exact_losses_give_the_law_back, chinchilla.One_bad_run_is_outweighed_where_least_squares_bends, chinchilla.Resampled_rows_are_fitted_as_worked,
            chinchilla.A_law_of_the_cheap_foretells_the_dear_as_worked, chinchilla.Two_hundred_and_forty_runs_give_the_worked_fit_and_back_test, chinchilla.Resampling_them_gives_the_worked_standard_errors,
            .. Enumerable.Range(0, ScalingGoldens.Json["real_openlm_backtest"]!["cases"]!.AsArray().Count).Select<int, Action>(index => () => chinchilla.Real_runs_give_the_worked_laws_and_predictions(index)),
            () => chinchilla.One_exponent_for_both_gives_the_worked_laws(0, "multiplier>=0"), () => chinchilla.One_exponent_for_both_gives_the_worked_laws(1, "multiplier>=1"),
            Kaplan_s_line_has_the_worked_constants_error_and_prediction, The_critical_batch_and_the_loss_curve_are_as_worked, Contours_of_equal_loss_give_the_worked_critical_batches_and_their_law,
            Parabolas_over_equal_compute_have_the_worked_lowest_points_and_line, () => Errors_on_tasks_follow_the_loss_as_worked(0), () => Errors_on_tasks_follow_the_loss_as_worked(1), Kaplan_s_exponents_split_compute_as_worked,
        ];
        var seconds = ProcessorTime.Least(1, () => { foreach (var example in examples) example(); });
        TestContext.Current.SendDiagnosticMessage($"all worked examples: {seconds:0.0} s");
        Assert.InRange(seconds, 0, 2 * 10);
    }

    [Fact]
    public void The_critical_batch_and_the_loss_curve_are_as_worked()
    {
        var bcrit = ScalingGoldens.Json["kaplan_bcrit"]!;
        foreach (var example in bcrit["cases"]!.AsArray())
            ScalingGoldens.Near(example!.Number("B_crit_tokens"), new CriticalBatchSize(bcrit.Number("B_star"), bcrit.Number("alpha_B")).At(example!.Number("L")), ScalingGoldens.Closed);
        var golden = ScalingGoldens.Json["loss_trajectory_implicit"]!;
        var critical = new CriticalBatchSize(golden["law"]!.Number("B_star"), golden["law"]!.Number("alpha_B"));
        var curve = new LossCurve(golden["law"]!.Number("N_c"), golden["law"]!.Number("alpha_N"), golden["law"]!.Number("S_c"), golden["law"]!.Number("alpha_S"), critical);
        foreach (var example in golden["cases"]!.AsArray().Select(node => node!))
        {
            var (n, s, b) = (example.Number("N"), example.Number("S"), example.Number("B_tokens"));
            var loss = curve.Loss(n, s, b);
            ScalingGoldens.Near(example.Number("L"), loss, ScalingGoldens.Closed);
            ScalingGoldens.Near(example.Number("S_min"), critical.LeastSteps(s, b, loss), ScalingGoldens.Closed);
            ScalingGoldens.Near(example.Number("E_min"), critical.LeastTokens(s * b, b, loss), ScalingGoldens.Closed);
            ScalingGoldens.Near(s, curve.Steps(n, loss, b), 1e-7);
            // The trade of steps against tokens: (S/Smin - 1)(E/Emin - 1) = 1.
            Assert.Equal(1, (s / critical.LeastSteps(s, b, loss) - 1) * (s * b / critical.LeastTokens(s * b, b, loss) - 1), 1e-9);
            Assert.True(curve.Loss(n, s * 2, b) < loss && curve.Loss(n * 2, s, b) < loss && curve.Loss(n, s, b * 2) < loss && loss > curve.Least(n));
        }
        ScalingGoldens.Near(curve.Least(1e8), curve.Loss(1e8, 1e12, 1e9), 1e-5);
        Assert.Equal(double.PositiveInfinity, curve.Steps(1e8, curve.Least(1e8), 1e6));
    }

    [Fact]
    public void Contours_of_equal_loss_give_the_worked_critical_batches_and_their_law()
    {
        var golden = ScalingGoldens.Json["bcrit_estimation"]!;
        Observation[] rows = [.. golden["curves"]!.AsArray().SelectMany(curve => curve!.Numbers("B").Zip(curve!.Numbers("S")).Select(point => new Observation("", [point.First, point.Second], curve.Number("loss"))))];
        var law = new CriticalBatch();
        foreach (var (expected, level) in golden["curves"]!.AsArray().Zip(law.Contours(rows)))
        {
            ScalingGoldens.Near(expected!.Number("S_min_fit"), level.LeastSteps, ScalingGoldens.Closed);
            ScalingGoldens.Near(expected.Number("E_min_fit"), level.LeastTokens, ScalingGoldens.Closed);
            ScalingGoldens.Near(expected.Number("B_crit_fit"), level.CriticalBatch, ScalingGoldens.Closed);
        }
        var fit = LawFit.Of(law, rows);
        ScalingGoldens.Near(golden.Number("B_star_fit"), fit.Estimate.Parameters[0], ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("alpha_B_fit"), fit.Estimate.Parameters[1], ScalingGoldens.Closed);
    }

    [Fact]
    public void Parabolas_over_equal_compute_have_the_worked_lowest_points_and_line()
    {
        var golden = ScalingGoldens.Json["isoflop"]!;
        Observation[] rows = [.. golden["curves"]!.AsArray().SelectMany(curve => curve!.Numbers("N").Zip(curve!.Numbers("L")).Select(point => new Observation($"{curve.Number("C")}/{point.First}", [curve.Number("C"), point.First], point.Second)))];
        foreach (var (expected, budget) in golden["curves"]!.AsArray().Zip(rows.GroupBy(row => row.X[0])))
        {
            ScalingGoldens.Near(expected!.Number("N_opt_parabola"), IsoFlop.Vertex([.. budget])!.Parameters, 1e-8);
            ScalingGoldens.Near(expected.Number("L_min_parabola"), IsoFlop.Vertex([.. budget])!.Loss, 1e-8);
        }
        var fit = LawFit.Of(new IsoFlop(), rows);
        ScalingGoldens.Near(golden.Number("coef_fitted"), fit.Estimate.Parameters[0], 1e-6);
        ScalingGoldens.Near(golden.Number("a_fitted"), fit.Estimate.Parameters[1], 1e-8);
        Assert.Null(IsoFlop.Vertex([.. rows.Take(3)])); // falls to the last size: the lowest point lies outside
    }

    [Theory]
    [InlineData(0), InlineData(1)]
    public void Errors_on_tasks_follow_the_loss_as_worked(int index)
    {
        var golden = ScalingGoldens.Json["real_openlm_downstream"]!["cases"]![index]!;
        var (law, set) = (new Downstream(), $"train_set={golden["train_set"]!.GetValue<string>()}");
        var fit = LawFit.Of(law, ScalingGoldens.Runs(law, set, "params_total<5e8"), replicates: 0);
        foreach (var (symbol, value) in law.Symbols.Zip(fit.Estimate.Parameters)) ScalingGoldens.Near(golden.Number(symbol), value, symbol == "k" ? ScalingGoldens.Scale : ScalingGoldens.Shape);
        ScalingGoldens.Near(golden.Number("rss"), 2 * fit.Estimate.Objective, ScalingGoldens.Objective);
        foreach (var (expected, tested) in golden["test"]!.AsArray().Zip(BackTest.Of("", fit, ScalingGoldens.Runs(law, set, "params_total>=5e8"))!.Tests.OrderBy(test => test.Observed.Run, StringComparer.Ordinal)))
            Assert.Equal((expected![1]!.GetValue<double>(), expected[2]!.GetValue<double>()), (Math.Round(tested.Observed.Y, 4), Math.Round(tested.Foretold.Value, 4)));
    }

    [Fact]
    public void The_frontier_is_as_worked()
    {
        var golden = ScalingGoldens.Json["pareto"]!;
        var frontier = Allometry.Analysis.Frontier.Of(golden["points"]!.AsArray().Select(point => new Allometry.Analysis.ParetoPoint(point!["name"]!.GetValue<string>(), point.Number("cost"), point.Number("quality"))));
        Assert.Equal(golden["frontier"]!.AsArray().Select(name => name!.GetValue<string>()), frontier.Points.Select(point => point.Name));
    }

    /// <summary>Each law's own numbers, and where it is measured, so that it must come back from exact losses.</summary>
    [Theory]
    [InlineData("chinchilla", "1.7,400,900,0.33,0.29", 1e-3)]
    [InlineData("{ kind: chinchilla, tied: true }", "1.7,400,900,0.3,0.3", 1e-3)]
    [InlineData("power", "1.5,3000,0.2", 1e-3)]
    [InlineData("{ kind: power, floor: false }", "0,60,0.08", 1e-6)]
    [InlineData("envelope", "1.5,3000,0.2", 1e-3)]
    [InlineData("kaplan-n", "8.8e13,0.076", 1e-6)]
    [InlineData("kaplan-d", "5.4e13,0.095", 1e-6)]
    [InlineData("kaplan-nd", "6.4e13,0.076,1.8e13,0.103", 1e-3)]
    [InlineData("kaplan-ns", "6.5e13,0.077,2.1e3,0.76", 1e-3)]
    [InlineData("{ kind: kaplan-ns, bstar: 2.1e8, alpha-b: 0.21 }", "6.5e13,0.077,2.1e3,0.76", 1e-3)]
    [InlineData("depth", "1.5,300,0.3,0.4", 1e-3)]
    [InlineData("{ kind: depth, data: true, bowed: true }", "1.5,300,900,0.3,0.28,0.4,-0.2", 5e-3)]
    [InlineData("downstream", "0.85,2.3,0.8", 1e-3)]
    public void Exact_measurements_give_every_law_back(string kind, string numbers, double tolerance)
    {
        var law = Reader.Read<ScalingLaw>(kind, "law");
        double[] truth = [.. numbers.Split(',').Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        var fitted = law.Estimate(Measured(law, truth)).Parameters;
        foreach (var ((expected, actual), symbol) in truth.Zip(fitted).Zip(law.Symbols))
            Assert.True(Math.Abs(actual - expected) < (Math.Abs(expected) + 1e-6) * tolerance * (symbol.EndsWith('c') ? 20 : 1), $"{symbol} is {actual:R}, not {expected:R}");
    }

    [Fact]
    public void Depth_earns_its_place_where_it_matters_and_not_where_it_does_not()
    {
        var law = new DepthTerm();
        int Earned(double worth) => Enumerable.Range(0, 15).Count(seed => law.Doubts([.. Measured(law, [1.5, 300, 0.3, worth]).Select((point, i) => point with { Y = point.Y * (1 + 0.005 * (RandomStream.For(seed, "depth", i).Uniform() - 0.5)) })], new([], 0))
            .Single().Contains("depth earns its place", StringComparison.Ordinal));
        Assert.Equal(15, Earned(0.4));
        Assert.InRange(Earned(0), 0, 9);
    }

    [Fact]
    public void Slopes_are_those_of_central_differences()
    {
        var form = new ExponentialSum([(0, 0)], [(1, 0), (3, 1)], [(2, 0), (4, 2), (3, 1)]);
        double[] at = [0.4, -0.3, 0.9, 0.35, 0.2], features = [1, -1.3, 2.1], gradient = new double[5], unused = new double[5];
        form.Log(at, features, gradient);
        for (var k = 0; k < at.Length; k++)
        {
            double[] up = [.. at], down = [.. at];
            (up[k], down[k]) = (at[k] + 1e-5, at[k] - 1e-5);
            Assert.Equal((form.Log(up, features, unused) - form.Log(down, features, unused)) / 2e-5, gradient[k], 1e-8);
        }
    }

    [Fact]
    public void Other_units_of_size_change_only_its_scale_and_order_and_repetition_change_nothing()
    {
        var golden = ScalingGoldens.Json["fit_noisy_outlier"]!.Points();
        var law = new Chinchilla();
        var (plain, millions) = (law.Estimate(golden), law.Estimate([.. golden.Select(point => point with { X = [point.X[0] / 1e6, point.X[1]] })]));
        foreach (var k in new[] { 0, 2, 3, 4 }) ScalingGoldens.Near(plain.Parameters[k], millions.Parameters[k], 1e-4);
        ScalingGoldens.Near(plain.Parameters[1] * Math.Pow(1e-6, plain.Parameters[3]), millions.Parameters[1], 1e-3);
        var turned = law.Estimate([.. golden.Reverse(), .. golden]);
        foreach (var k in Enumerable.Range(0, 5)) ScalingGoldens.Near(plain.Parameters[k], turned.Parameters[k], 1e-3);
        ScalingGoldens.Near(2 * plain.Objective, turned.Objective, 1e-6);
    }

    [Fact]
    public void The_interval_of_the_allocation_covers_the_truth_as_often_as_it_says()
    {
        var law = new Chinchilla();
        var truth = Allocation.Of(Truth).Exponent;
        var covered = Enumerable.Range(0, 40).Count(repeat => LawFit.Of(law, Noisy(law, repeat), replicates: 60).IntervalOf(parameters => Allocation.Of(parameters).Exponent)!.Holds(truth));
        Assert.InRange(covered, 34, 40); // 88 in a hundred; of 95 %, 34 of 40 or fewer come once in a hundred times
    }

    [Fact]
    public void Runs_are_resampled_whole_and_the_same_each_time()
    {
        var (law, rows) = (new Chinchilla(), ScalingGoldens.Json["fit_noisy_outlier"]!.Points());
        Assert.Equal(LawFit.Of(law, rows, 30).Replicates.Parameters.SelectMany(p => p), LawFit.Of(law, rows, 30).Replicates.Parameters.SelectMany(p => p));
    }

    [Fact]
    public void A_batch_that_is_all_warm_up_takes_no_part_in_the_critical_batch()
    {
        LossCurve curve = new(6.5e13, 0.077, 2.1e3, 0.76, new(2.1e8, 0.21));
        IEnumerable<Observation> Run(double batch, int first, int last) => Enumerable.Range(first, last).Select(i => new Observation($"{batch}", [batch, 100.0 * i], curve.Loss(2e7, 100.0 * i, batch)));
        Observation[] rows = [.. Run(1e5, 1, 900), .. Run(1e6, 1, 900), .. Run(1e7, 1, 900)];
        var law = new CriticalBatch(WarmUp: 500);
        Assert.Equal(law.Estimate(law.Points(rows)).Parameters, law.Estimate(law.Points([.. rows, .. Run(3e7, 1, 4)])).Parameters);
        Assert.Empty(new CriticalBatch(WarmUp: 1e9).Points(rows));
    }

    [Fact]
    public void Whether_depth_helps_cannot_be_told_where_a_size_left_out_leaves_no_law()
    {
        Observation[] rows = [.. from n in new[] { 1e7, 2e7, 4e7 } from depth in new[] { 4.0, 8, 16 } select new Observation($"{n}/{depth}", [n, depth], n > 3e7 ? double.MaxValue : 3 + (depth / n))];
        Assert.DoesNotContain("NaN", Assert.Single(new DepthTerm().Doubts(rows, new([], 0))), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_short_a_frontier_is_a_plain_power_law_and_says_so()
    {
        var law = new Envelope();
        Observation[] four = [.. Enumerable.Range(0, 4).Select(i => new Observation($"{i}", [Math.Pow(10, 15 + i)], 60 * Math.Pow(Math.Pow(10, 15 + i), -0.08)))];
        var fit = LawFit.Of(law, [.. four, new("dominated", [5e17], 9)], 0);
        Assert.Equal(4, fit.Points.Count);
        Assert.Equal(0, fit.Estimate.Parameters[0]);
        Assert.Contains("cannot tell an E", law.Doubts(fit.Points, fit.Estimate).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_lowest_of_all_curves_gives_the_exponent_of_the_allocation()
    {
        var law = new Chinchilla();
        Observation[] rows = [.. from n in Enumerable.Range(0, 9).Select(i => 1e7 * Math.Pow(2, i)) from i in Enumerable.Range(0, 60) let d = 1e8 * Math.Pow(1.12, i) select new Observation($"{n}", [n, d], law.Predict(Truth, [n, d]))];
        var fitted = new TrainingEnvelope().Estimate([.. new TrainingEnvelope().Points(rows).Where(point => point.X[0] is > 3e17 and < 3e18)]);
        Assert.Equal(Allocation.Of(Truth).Exponent, fitted.Parameters[1], 0.06); // nine sizes are a staircase
    }

    [Fact]
    public void Kaplan_s_exponents_split_compute_as_worked()
    {
        var golden = ScalingGoldens.Json["kaplan_allocation_exponents"]!;
        var split = new Allometry.Papers.Kaplan.ComputeSplit(golden.Number("alpha_N"), golden.Number("alpha_S"), golden.Number("alpha_B"));
        ScalingGoldens.Near(golden.Number("alpha_C_min"), split.AlphaC, ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("N_exp"), split.Parameters, ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("B_exp"), split.Batch, ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("S_exp"), split.Steps, ScalingGoldens.Closed);
        ScalingGoldens.Near(golden.Number("D_exp"), split.Tokens, ScalingGoldens.Closed);
    }

    private static Observation[] Measured(ScalingLaw law, double[] truth)
    {
        double[] Values(Variable variable) => variable.Symbol switch
        {
            "n" => [1e7, 3e7, 1e8, 3e8, 1e9],
            "d" => [2e8, 8e8, 3e9, 1.2e10, 5e10],
            "c" => [1e16, 1e17, 1e18, 1e19, 1e20, 1e21],
            "depth" => [4, 8, 16, 32],
            "s" => [1e3, 3e3, 1e4, 3e4, 1e5],
            "b" => [65536, 524288],
            _ => [2, 2.5, 3, 3.5, 4, 5],
        };
        IEnumerable<double[]> all = [[]];
        foreach (var variable in law.Reads) all = [.. from begun in all from value in Values(variable) select (double[])[.. begun, value]];
        return [.. all.Select((x, i) => new Observation($"{i}", x, law.Predict(truth, x)))];
    }

    private static Observation[] Noisy(Chinchilla law, int repeat) =>
        [.. from n in Enumerable.Range(0, 8) from d in Enumerable.Range(0, 10)
            let x = new[] { 1e7 * Math.Pow(2, n), 1e8 * Math.Pow(2, d) }
            let noise = 0.005 * Normal.InvCDF(0, 1, RandomStream.For(repeat, "noise", n, d).Uniform() * 0.999999 + 5e-7)
            select new Observation($"{n}/{d}", x, law.Predict(Truth, x) * Math.Exp(noise))];
}
