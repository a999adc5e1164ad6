using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class FitTests : IDisposable
{
    private static readonly string OpenLm = Path.Combine(AllometryProcess.Repository, "data", "scaling", "openlm-c4-rpj.csv");

    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    // scaling-laws.md, section 4: the table of the OpenLM runs.
    [Theory]
    [InlineData("c4_original", 0, 31, 1.13659, 51.2351, 221.269, 0.186613, 0.256090, 0.0344, -0.079)]
    [InlineData("rpj", 1, 24, 1.66092, 107.521, 231.962, 0.241023, 0.262366, 0.0076, -0.012)]
    public void A_law_of_other_people_s_runs_comes_with_its_back_test(string set, int multiplier, int points, double e, double a, double b, double alpha, double beta, double mare, double dearest)
    {
        var law = JsonDocument.Parse(Fit(0, "chinchilla", "--where", $"train_set={set}", "--where", $"multiplier>={multiplier}", "--where", "params_total<5e8", "--holdout", "params_total>=5e8", "--replicates", "100", "--json").Output).RootElement;
        var (parameters, test) = (law.GetProperty("parameters"), law.GetProperty("backtest"));
        Assert.Equal(points, law.GetProperty("points").GetInt32());
        foreach (var (symbol, expected) in new[] { ("E", e), ("A", a), ("B", b), ("alpha", alpha), ("beta", beta) })
            Assert.Equal(expected, parameters.GetProperty(symbol).GetDouble(), expected * 1e-3);
        Assert.Equal(mare, test.GetProperty("mare").GetDouble(), 1e-4);
        Assert.Equal(dearest, test.GetProperty("predictions").EnumerateArray().Single(run => run.GetProperty("name").GetString()!.Contains("7b", StringComparison.Ordinal)).GetProperty("relativeError").GetDouble(), 1e-3);
        Assert.Equal(2, law.GetProperty("intervals").GetProperty("alpha").GetArrayLength());
    }

    [Fact]
    public void The_page_and_its_numbers_are_written_where_that_is_asked_for()
    {
        var ended = Fit(0, "{ kind: chinchilla, tied: true }", "--where", "train_set=rpj", "--at", "n=1e9,d=20G", "--replicates", "50", "--output", "out");
        Assert.Equal(Path.Combine(folder.Path, "out", "law.html"), ended.LastLine);
        Assert.All(new[] { "law.md", "parameters.csv", "foretold.csv", "back-test.csv", "residuals.csv", "points.csv" }, file => Assert.True(File.Exists(folder.At(Path.Combine("out", file))), file));
        Assert.StartsWith("n,d,value,value-low,value-high,beyond\n1000000000,20000000000,2.", File.ReadAllText(folder.At("out/foretold.csv")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chinchila", "did you mean 'chinchilla'", "--replicates", "0")]
    [InlineData("chinchilla", "times beyond what was fitted", "--at", "n=1e13,d=1e12")]
    [InlineData("chinchilla", "none of the 69 rows", "--where", "params_total<1")]
    [InlineData("chinchilla", "all have the same parameters", "--where", "params_total<2e7")]
    [InlineData("power", "is no variable", "--at", "x=3")]
    public void What_cannot_be_done_is_said(string law, string expected, string option, string value)
    {
        var ended = Fit(1, law, option, value);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Output);
    }

    private Ended Fit(int code, string law, params string[] arguments)
    {
        var ended = AllometryProcess.Run(folder.Path, ["fit", OpenLm, "--law", law, "--n", "params_total", "--d", "tokens", "--loss", "loss_c4_val", .. arguments]);
        ended.HasEndedWith(code);
        return ended;
    }
}
