using System.Globalization;
using Allometry.Analysis.Laws;
using Allometry.Reports;
using Allometry.Reports.Laws;
using Allometry.Text;

namespace Allometry.Tests.Reports.Laws;

public sealed class LawPageTests
{
    private const int Points = 60;

    [Fact]
    public void A_foretold_loss_curve_stands_beside_the_real_one_in_the_numbers_too()
    {
        var (law, truth) = (new KaplanSteps(), new[] { 6.5e13, 0.077, 2.1e3, 0.76 });
        var page = LawPage.Of(AnswerOf(law, truth), "0");
        var files = CsvReport.Render(page);
        string[][] Lines(string file) => [.. files[file].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];
        var curves = Lines("curves.csv").ToLookup(line => line[0], line => (Step: double.Parse(line[2], CultureInfo.InvariantCulture), Loss: double.Parse(line[3], CultureInfo.InvariantCulture)));
        Assert.Equal((Points, Points), (curves["large by the law"].Count(), curves["large measured"].Count()));
        Assert.All(curves["large by the law"], point => Assert.Equal(law.Predict(truth, [1e9, point.Step]), point.Loss, 1e-3));
        Assert.All(curves["large measured"], point => Assert.Equal(1.01 * law.Predict(truth, [1e9, point.Step]), point.Loss, 1e-9));

        Assert.StartsWith("run,n,s,seen,value,value-low,value-high,beyond,error\nlarge,1000000000,", files["tested.csv"], StringComparison.Ordinal);
        Assert.Equal(curves["large measured"], Lines("tested.csv").Select(line => (double.Parse(line[2], CultureInfo.InvariantCulture), double.Parse(line[3], CultureInfo.InvariantCulture))).Reverse());
        Assert.Equal(24, MarkdownReport.Render(page).Split('\n').Count(line => line.StartsWith("| large | ", StringComparison.Ordinal) && line.Count(sign => sign == '|') == 9));
    }

    [Fact]
    public void A_number_that_no_resample_moves_has_no_interval_where_most_resamples_could_not_be_fitted()
    {
        var answer = AnswerOf(new(), [6.5e13, 0.077, 2.1e3, 0.76]);
        var found = answer.Fit.Estimate.Parameters;
        double[][] draws = [.. Enumerable.Range(1, 40).Select(i => (double[])[.. found.SkipLast(1), found[^1] + (0.001 * i)])];
        var page = MarkdownReport.Render(LawPage.Of(answer with { Fit = answer.Fit with { Replicates = new(draws, 60) } }, "0"));
        Assert.Contains("60 of 100 resamples could not be fitted", page, StringComparison.Ordinal);
        Assert.Matches(@"\| Nc \| [^|]+ \| – \| – \|", page);
        Assert.Matches(@"\| alphaS \| [^|]+ \| \S+ to \S+ \| \d", page);
    }

    /// <summary>Four sizes along their training and a fifth, a hundredth worse than their law, that is held out.</summary>
    private static LawAnswer AnswerOf(KaplanSteps law, double[] truth)
    {
        (string Run, double Size)[] runs = [("a", 1e6), ("b", 1e7), ("c", 3e7), ("d", 1e8), ("large", 1e9)];
        var rows = from run in runs
                   from i in Enumerable.Range(1, Points)
                   let loss = (run.Run == "large" ? 1.01 : 1) * law.Predict(truth, [run.Size, 500 * i])
                   select new Dictionary<string, string> { ["run"] = run.Run, ["n"] = run.Size.ToString(CultureInfo.InvariantCulture), ["s"] = $"{500 * i}", ["loss"] = loss.ToString("R", CultureInfo.InvariantCulture) };
        var table = new RunTable("simulated", ["run", "n", "s", "loss"], [.. rows.Select((cells, i) => new Row("simulated", i + 1, cells))]);
        return (new LawQuestion(law, new(table, new Dictionary<Variable, string>()), [], [Condition.Parse("--holdout", "run=large", table)], []) { Replicates = 20 }).Answer();
    }
}
