using System.Globalization;
using System.Text.Json.Nodes;
using Allometry.Analysis;
using Allometry.Reports;
using Spectre.Console;

namespace Allometry.Tests.Reports;

public sealed class ReportTests
{
    private static readonly Report Three = Report.From(SampleStudy.ThreeSeeds);
    private static readonly Report One = Report.From(SampleStudy.OneSeed);

    [Fact]
    public void Markdown_is_as_agreed() => Expectation.Matches("three-seeds.md", MarkdownReport.Render(Three));

    [Fact]
    public void Console_is_as_agreed() => Expectation.Matches("one-seed.console.txt", Console(One));

    [Theory]
    [InlineData("frontier"), InlineData("shapes"), InlineData("results"), InlineData("tasks"), InlineData("missing"), InlineData("quality-against-seconds")]
    public void Csv_is_as_agreed(string table) => Expectation.Matches($"{table}.csv", CsvReport.Render(Three)[$"{table}.csv"]);

    [Fact]
    public void Json_carries_the_same_numbers_exactly()
    {
        var json = JsonNode.Parse(JsonReport.Render(Three))!;
        var shape = Findings.Of(SampleStudy.ThreeSeeds).Shapes.Single(shape => shape.Name == "even-8");
        var row = json["tables"]!["results"]!.AsArray().Single(row => row!["shape"]!.GetValue<string>() == "even-8")!;
        Assert.Equal(shape.Scores.Quality!.Mean, row["quality"]!.GetValue<double>());
        Assert.Equal(shape.Scores.Trained["tag/accuracy"].Max, row["tag-accuracy-max"]!.GetValue<double>());
        Assert.Equal(SampleStudy.ThreeSeeds.Runs.Count, json["runs"]!.AsArray().Count);
        Assert.Equal(7, json["charts"]!["quality-against-parameters"]!["series"]!.AsArray().Skip(1).Sum(series => series!["points"]!.AsArray().Count));
    }

    [Fact]
    public void Names_of_tables_and_charts_are_unique_and_fit_for_files()
    {
        var names = Three.Tables.Select(table => table.Name).Concat(Three.Charts.Select(chart => chart.Name)).ToArray();
        Assert.Equal(names, names.Distinct());
        Assert.All(names, name => Assert.Matches("^[a-z0-9-]+$", name));
        Assert.All(Three.Tables, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count)));
    }

    [Fact]
    public void With_one_seed_it_says_that_noise_is_unknown() => Assert.Contains(One.Answer, text => text.Contains("the noise between seeds is unknown", StringComparison.Ordinal));

    [Fact]
    public void With_several_it_says_what_cannot_be_told_apart() => Assert.Contains(Three.Answer, text => text.Contains("the best cannot be told apart from encoder-10", StringComparison.Ordinal));

    [Fact]
    public void A_study_that_has_just_begun_can_be_reported_too()
    {
        var begun = SampleStudy.OneSeed;
        begun = begun with { Runs = [.. begun.Runs.Select(run => run with { State = "waiting", MeasuredSeconds = null, Results = new Dictionary<string, double>(), Curves = new Dictionary<string, IReadOnlyList<CurvePoint>>() })] };
        var report = Report.From(begun);
        Assert.Contains("No shape has a result to compare yet.", report.Answer);
        Assert.Contains("even-8", HtmlReport.Render(report), StringComparison.Ordinal);
        Assert.NotEmpty(MarkdownReport.Render(report));
        Assert.NotEmpty(CsvReport.Render(report));
    }

    [Fact]
    public void A_cost_that_is_not_known_is_named_with_those_that_are()
    {
        var report = Report.From(SampleStudy.OneSeed with { CostNames = ["parameters", "beauty"] });
        Assert.Contains("since no such cost is known: beauty", MarkdownReport.Render(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_a_report_depends_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.Equal(MarkdownReport.Render(Three), MarkdownReport.Render(Report.From(SampleStudy.ThreeSeeds)));
            Assert.Equal(CsvReport.Render(Three)["results.csv"], CsvReport.Render(Report.From(SampleStudy.ThreeSeeds))["results.csv"]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string Console(Report report)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text), Interactive = InteractionSupport.No });
        console.Profile.Width = 110;
        ConsoleReport.Write(report, console);
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()));
    }
}
