using System.Text.Json;
using System.Text.RegularExpressions;

namespace Allometry.EndToEnd.Tests;

/// <summary>The pages that people show each other, as the executable writes them.</summary>
public sealed class PageTests(UndisturbedRun undisturbed) : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_report_of_a_store_answers_in_order_and_every_figure_has_its_numbers_beside_it()
    {
        var page = Written("report", undisturbed.Store, "--output", "out");
        AnswersInOrder(page, "answer", "frontiers", "knobs", "upstream-downstream", "laws", "cost", "provenance");
        FiguresHaveNumbers(page);
        Assert.Contains("Train ", page.Text, StringComparison.Ordinal);
        Assert.Contains("The median error of the predictions is ", page.Text, StringComparison.Ordinal);
        Assert.Contains("all 6 runs are done", page.Text, StringComparison.Ordinal);
        Assert.Contains("name: smoke", page.Text, StringComparison.Ordinal);
        foreach (var table in new[] { "frontier", "instead-downstream", "instead-upstream", "shapes", "results", "environment" }) Assert.True(File.Exists(folder.At("out", $"{table}.csv")), table);
    }

    [Fact]
    public void The_paper_s_published_results_are_a_page_with_the_source_of_every_number()
    {
        var page = Written("report", "scale-efficiently", "--output", "out");
        AnswersInOrder(page, "answer", "upstream-downstream", "sources");
        FiguresHaveNumbers(page);
        var rows = File.ReadAllLines(folder.At("out", "sources.csv"));
        Assert.Equal(30, rows.Length); // a header and the 29 points of the table
        Assert.Matches(@"Rank correlation of low perplexity with superglue \(Figure 1\) \+0\.60 \(95 % interval −0\.018 to \+0\.89, 12 points\)", page.Text);
        var json = JsonDocument.Parse(Output("report", "scale-efficiently", "--output", "out", "--json")).RootElement;
        Assert.Equal(29, json.GetProperty("tables").GetProperty("sources").GetArrayLength());
    }

    [Fact]
    public void A_fitted_law_is_a_page_with_its_back_test()
    {
        var openLm = Path.Combine(AllometryProcess.Repository, "data", "scaling", "openlm-c4-rpj.csv");
        AllometryProcess.Run(folder.Path, "fit", openLm, "--law", "chinchilla", "--n", "params_total", "--d", "tokens", "--loss", "loss_c4_val", "--where", "train_set=rpj", "--where", "params_total<5e8", "--holdout", "params_total>=5e8",
            "--at", "n=1e9,d=20G", "--replicates", "50", "--output", "out").HasEndedWith(0);
        var page = new Page(folder.At("out", "law.html"));
        AnswersInOrder(page, "law", "predictions", "fit", "rows");
        FiguresHaveNumbers(page);
        Assert.Contains("Back-test: on the rows held out, predictions were off by", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Advice_names_a_shape_what_it_should_reach_and_from_what_that_is_foretold()
    {
        var said = Output("advise", "--parameters", "20M");
        Assert.Matches(@"Depth first, then the next width: train dm\d+-ff\d+", Regex.Replace(said, @"\s+", " "));
        Assert.Contains("published runs of others", Regex.Replace(said, @"\s+", " "), StringComparison.Ordinal);
        var proposal = JsonDocument.Parse(Output("advise", "--flops", "3e15", "--json")).RootElement.GetProperty("proposals")[0];
        Assert.InRange(proposal.GetProperty("trainingFlops").GetDouble(), 3e14, 3e15);
        var within = JsonDocument.Parse(Output("advise", "--time", "2h", "--json")).RootElement;
        Assert.True(within.GetProperty("paceMeasured").GetBoolean()); // a time means this machine
        Assert.NotEmpty(within.GetProperty("backTests").EnumerateArray());
        var refused = AllometryProcess.Run(folder.Path, "advise", "--parameters", "20M", "--store", undisturbed.Store);
        refused.HasEndedWith(1);
        Assert.Contains("2 shapes of it have a held-out loss and 4 are needed", refused.Error, StringComparison.Ordinal);
    }

    private static void AnswersInOrder(Page page, params string[] sections) => Assert.Equal(sections, Regex.Matches(page.Text, "<section id=\"([^\"]+)\"").Select(match => match.Groups[1].Value));

    /// <summary>Every chart names both units and has a CSV beside the page; nothing is loaded from elsewhere.</summary>
    private static void FiguresHaveNumbers(Page page)
    {
        var charts = Regex.Matches(page.Text, "data-chart=\"([^\"]+)\"").Select(match => JsonDocument.Parse(System.Net.WebUtility.HtmlDecode(match.Groups[1].Value)).RootElement).ToArray();
        Assert.NotEmpty(charts);
        Assert.All(charts, chart =>
        {
            Assert.NotEmpty(chart.GetProperty("x").GetProperty("unit").GetString()!);
            Assert.NotEmpty(chart.GetProperty("y").GetProperty("unit").GetString()!);
            var file = Path.Combine(Path.GetDirectoryName(page.Path)!, chart.GetProperty("name").GetString() + ".csv");
            Assert.True(File.ReadLines(file).Count() > 1, file);
        });
        Assert.DoesNotMatch("""<(script|link|img|iframe)[^>]*\s(src|href)\s*=""", page.Text[..page.Text.IndexOf("<script>", StringComparison.Ordinal)]);
    }

    private Page Written(params string[] arguments) => new(Output(arguments).TrimEnd('\n').Split('\n')[^1]);

    private string Output(params string[] arguments)
    {
        var ended = AllometryProcess.Run(folder.Path, arguments);
        ended.HasEndedWith(0);
        return ended.Output;
    }

    private sealed record Page(string Path)
    {
        public string Text { get; } = File.ReadAllText(Path);
    }
}
