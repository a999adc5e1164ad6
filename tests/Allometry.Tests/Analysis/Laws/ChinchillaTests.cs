using Allometry.Analysis.Laws;

namespace Allometry.Tests.Analysis.Laws;

public sealed class ChinchillaTests
{
    private static readonly Chinchilla Law = new();

    [Fact]
    public void Losses_are_foretold_as_worked()
    {
        var golden = ScalingGoldens.Json["chinchilla_predict"]!;
        foreach (var example in golden["cases"]!.AsArray())
            ScalingGoldens.Near(example!.Number("L"), Law.Predict(golden["law"]!.Chinchilla(), [example!.Number("N"), example!.Number("D")]), ScalingGoldens.Closed);
    }

    [Theory]
    [InlineData("chinchilla_allocate"), InlineData("chinchilla_allocate_hoffmann_unrounded")]
    public void Budgets_are_split_as_worked_and_nothing_else_is_better(string name)
    {
        var golden = ScalingGoldens.Json[name]!;
        var law = golden["law"]!.Chinchilla();
        foreach (var example in golden["cases"]!.AsArray().Select(node => node!))
        {
            var (split, flops) = (Allocation.Of(law), example.Number("C"));
            var (n, d) = (split.Parameters(flops), split.Tokens(flops));
            ScalingGoldens.Near(example.Number("a"), split.Exponent, ScalingGoldens.Closed);
            ScalingGoldens.Near(example.Number("G"), split.Scale, ScalingGoldens.Closed);
            ScalingGoldens.Near(example.Number("N_opt"), n, ScalingGoldens.Closed);
            ScalingGoldens.Near(example.Number("D_opt"), d, ScalingGoldens.Closed);
            ScalingGoldens.Near(example.Number("L_opt"), Law.Predict(law, [n, d]), ScalingGoldens.Closed);
            ScalingGoldens.Near(flops, Compute.Of(n, d), 1e-12);
            Assert.True(Law.Predict(law, [n, d]) < Law.Predict(law, [n * 1.001, d / 1.001]));
            Assert.True(Law.Predict(law, [n, d]) < Law.Predict(law, [n / 1.001, d * 1.001]));
        }
    }

    [Fact]
    public void Huber_s_loss_and_its_slope_are_as_worked()
    {
        foreach (var example in ScalingGoldens.Json["huber_delta_1e-3"]!.AsArray().Select(node => node!))
        {
            Assert.Equal(example.Number("value"), new Huber(1e-3).Value(example.Number("r")), 1e-18);
            Assert.Equal(example.Number("derivative"), new Huber(1e-3).Derivative(example.Number("r")), 1e-18);
        }
    }

    [Fact]
    public void Exact_losses_give_the_law_back()
    {
        var golden = ScalingGoldens.Json["recover_exact"]!;
        var fitted = Law.Estimate(golden.Points());
        foreach (var (symbol, value) in Law.Symbols.Zip(fitted.Parameters)) ScalingGoldens.Near(golden["true"]!.Number(symbol), value, golden["tolerance_rel"]!.Number(symbol));
    }

    [Fact]
    public void One_bad_run_is_outweighed_where_least_squares_bends()
    {
        var golden = ScalingGoldens.Json["fit_noisy_outlier"]!;
        ScalingGoldens.Matches(golden["sum_huber_minimum"]!, Law.Estimate(golden.Points()));
        var squares = golden["least_squares_log_minimum"]!;
        var bent = new Chinchilla(Delta: 1).Estimate(golden.Points());
        ScalingGoldens.Near(squares.Number("sum_half_sq"), bent.Objective, ScalingGoldens.Objective);
        ScalingGoldens.Near(squares.Number("E"), bent.Parameters[0], ScalingGoldens.Shape);
    }

    [Fact]
    public void Resampled_rows_are_fitted_as_worked()
    {
        var golden = ScalingGoldens.Json["fit_noisy_outlier"]!;
        var points = golden.Points();
        foreach (var replicate in golden["bootstrap_replicates"]!.AsArray().Select(node => node!))
            ScalingGoldens.Matches(replicate, Law.Estimate([.. replicate["indices"]!.AsArray().Select(index => points[index!.GetValue<int>()])]));
    }

    [Fact]
    public void A_law_of_the_cheap_foretells_the_dear_as_worked()
    {
        var golden = ScalingGoldens.Json["backtest_noisy"]!;
        var points = ScalingGoldens.Json["fit_noisy_outlier"]!.Points();
        var fit = LawFit.Of(Law, [.. points.Where(point => point.X[0] <= 1e8)], replicates: 0);
        var test = BackTest.Of("", fit, [.. points.Where(point => point.X[0] > 1e8)])!;
        ScalingGoldens.Matches(golden["fit"]!, fit.Estimate);
        foreach (var (expected, tested) in golden.Numbers("test_pred").Zip(test.Tests)) ScalingGoldens.Near(expected, tested.Foretold.Value, ScalingGoldens.Shape);
        Assert.Equal(golden.Number("MARE"), test.Figures.Mare, 1e-4);
        Assert.Equal(golden.Number("max_abs_rel"), test.Figures.Max, 1e-4);
        Assert.Equal(golden.Number("log_rmse"), test.Figures.LogRmse, 1e-4);
    }

    [Fact]
    public void Two_hundred_and_forty_runs_give_the_worked_fit_and_back_test()
    {
        var golden = ScalingGoldens.Json["synthetic_240"]!;
        var runs = ScalingGoldens.Synthetic240;
        ScalingGoldens.Matches(golden["sum_huber_minimum"]!, Law.Estimate(runs));
        var fit = LawFit.Of(Law, [.. runs.Where(run => Law.Cost(run.X) <= 1e20)], replicates: 0);
        var test = BackTest.Of("", fit, [.. runs.Where(run => Law.Cost(run.X) > 1e20)])!;
        var backtest = golden["backtest"]!;
        Assert.Equal(backtest["n_train"]!.GetValue<int>(), fit.Rows.Count);
        ScalingGoldens.Matches(backtest["fit"]!, fit.Estimate);
        Assert.Equal(backtest.Number("MARE"), test.Figures.Mare, 2e-5);
        Assert.Equal(backtest.Number("bias"), test.Figures.Bias, 2e-5);
    }

    [Fact]
    public void Resampling_them_gives_the_worked_standard_errors()
    {
        var golden = ScalingGoldens.Json["synthetic_240"]!["bootstrap_se_1000"]!;
        var fit = LawFit.Of(Law, ScalingGoldens.Synthetic240, replicates: 1000);
        Assert.Equal(0, fit.Replicates.Failures);
        foreach (var (symbol, k) in Law.Symbols.Select((symbol, k) => (symbol, k))) ScalingGoldens.Near(golden.Number(symbol), Deviation(fit, parameters => parameters[k]), 0.15);
        ScalingGoldens.Near(golden.Number("a"), Deviation(fit, parameters => Allocation.Of(parameters).Exponent), 0.15);
    }

    public static TheoryData<int> RealCases => [0, 1, 2, 3];

    [Theory, MemberData(nameof(RealCases))]
    public void Real_runs_give_the_worked_laws_and_predictions(int index)
    {
        var golden = ScalingGoldens.Json["real_openlm_backtest"]!["cases"]![index]!;
        string set = $"train_set={golden["train_set"]!.GetValue<string>()}", multiplier = $"multiplier>={golden["train_rule"]!.GetValue<string>()[^1]}";
        var fit = LawFit.Of(Law, ScalingGoldens.Runs(Law, set, multiplier, "params_total<5e8"), replicates: 0);
        var test = BackTest.Of("", fit, ScalingGoldens.Runs(Law, set, "params_total>=5e8"))!;
        Assert.Equal(golden["n_train"]!.GetValue<int>(), fit.Rows.Count);
        ScalingGoldens.Matches(golden, fit.Estimate);
        foreach (var (expected, tested) in golden["test"]!.AsArray().Zip(test.Tests.OrderBy(tested => tested.Observed.Run, StringComparer.Ordinal)))
        {
            Assert.Equal(expected!["name"]!.GetValue<string>(), tested.Observed.Run);
            Assert.Equal(expected.Number("obs"), tested.Observed.Y);
            ScalingGoldens.Near(expected.Number("pred"), tested.Foretold.Value, ScalingGoldens.Shape);
        }
        ScalingGoldens.Near(golden.Number("MARE"), test.Figures.Mare, 0.01);
        ScalingGoldens.Near(golden.Number("baseline_powerlaw_C_MARE"), test.PowerLawFigures!.Mare, 0.01);
    }

    [Theory]
    [InlineData(0, "multiplier>=0"), InlineData(1, "multiplier>=1")]
    public void One_exponent_for_both_gives_the_worked_laws(int index, string multiplier)
    {
        var golden = ScalingGoldens.Json["real_openlm_equal_exponents"]![index]!;
        var law = new Chinchilla(Tied: true);
        var fit = LawFit.Of(law, ScalingGoldens.Runs(law, "train_set=rpj", multiplier, "params_total<5e8"), replicates: 0);
        ScalingGoldens.Matches(golden, fit.Estimate);
        ScalingGoldens.Near(golden.Number("alpha_eq_beta"), fit.Estimate.Parameters[3], ScalingGoldens.Shape);
        Assert.Equal(fit.Estimate.Parameters[3], fit.Estimate.Parameters[4]);
        Assert.Equal(golden.Number("MARE"), BackTest.Of("", fit, ScalingGoldens.Runs(law, "train_set=rpj", "params_total>=5e8"))!.Figures.Mare, 1e-4);
    }

    private static double Deviation(LawFit fit, Func<IReadOnlyList<double>, double> of) => MathNet.Numerics.Statistics.Statistics.StandardDeviation(fit.Replicates.Parameters.Select(of));
}
