using Allometry.Analysis;
using Allometry.Reports;
using Allometry.Tests.Analysis;

namespace Allometry.Tests.Reports;

public sealed class SectionTests
{
    [Fact]
    public void The_answer_is_one_sentence_that_names_what_to_train_and_what_it_saves()
    {
        TableStudy.Line Line(string name, double cost, double quality) => new(name, cost, cost, cost, [(3, quality - 0.01, cost), (3, quality, cost), (3, quality + 0.01, cost)]);
        var lead = Report.From(TableStudy.Of(Line("large", 100, 0.70), Line("level", 50, 0.695), Line("small", 10, 0.5))).Answer.First();
        Assert.Equal("Train level: its quality, 0.695 (0.685 to 0.705 over 3 seeds), cannot be told apart from the best, large with 0.700, "
            + "at 50 % less parameters, 50 % less training compute, 50 % less training time and 50 % less predicted memory.", lead);
    }

    [Fact]
    public void A_shape_without_a_result_is_not_counted_among_those_that_the_best_is_better_than()
    {
        var study = TableStudy.Of(new("a", 1, 1, 1, [(3, 0.5, 1), (3, 0.52, 1)]), new("b", 2, 2, 2, [(3, 0.7, 2), (3, 0.72, 2)]), new("c", 3, 3, 3, [(3, 0.9, 3), (3, 0.92, 3)]));
        string[] Answer(params string[] finetuned) => [.. Report.From(study with { Runs = [.. study.Runs.Where(run => !run.IsFineTuning || finetuned.Contains(run.Shape))] }).Answer];
        Assert.StartsWith("Train c: of 3 shapes it has the best quality", Answer("a", "b", "c")[0], StringComparison.Ordinal);
        Assert.StartsWith("Train b: of 2 shapes it has the best quality", Answer("a", "b")[0], StringComparison.Ordinal);
        var alone = Answer("a");
        Assert.StartsWith("Only a has a result to compare: its quality is 0.510", alone[0], StringComparison.Ordinal);
        Assert.DoesNotContain("stands clear", string.Join(' ', alone), StringComparison.Ordinal);
        Assert.DoesNotContain("Of 1 shape", string.Join(' ', alone), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_stopped_by_its_loss_is_said_to_be_unknown_downstream()
    {
        var study = TableStudy.Of(new("a", 1, 1, 1, [(3.0, 0.6, 1)]), new("b", 2, 2, 2, [(2.9, 0.7, 2)]), new("c", 3, 3, 3, [(2.8, 0.8, 3)]), new("d", 4, 4, 4, [(2.7, 0.9, 4)]));
        var stopped = study with { Runs = [.. study.Runs.Select(run => run.Shape == "b" ? run with { State = StudyRun.Stopped } : run)] };
        var told = Assert.Single(Report.From(stopped).Answer, text => text.StartsWith("Stopped early", StringComparison.Ordinal));
        Assert.Contains("not come to the frontier: b.", told, StringComparison.Ordinal);
        Assert.Contains("decided upstream alone", told, StringComparison.Ordinal);
        Assert.Contains("(3 points)", told, StringComparison.Ordinal);
        Assert.DoesNotContain("upstream alone", string.Join(' ', Report.From(study).Answer), StringComparison.Ordinal);
        Assert.DoesNotContain("upstream alone", string.Join(' ', Report.From(stopped with { QualityNames = [] }).Answer), StringComparison.Ordinal);
    }

    [Fact]
    public void Upstream_and_downstream_are_answered_separately_and_their_disagreement_is_told()
    {
        var page = Report.From(TableStudy.Of(new("a", 1, 1, 1, [(3.0, 0.9, 1)]), new("b", 2, 2, 2, [(2.9, 0.8, 2)]), new("c", 3, 3, 3, [(2.8, 0.7, 3)]), new("d", 4, 4, 4, [(2.7, 0.6, 4)])));
        var text = MarkdownReport.Render(page);
        Assert.Contains("Rank correlation of low held-out loss with high quality over shapes: −1.0", text, StringComparison.Ordinal);
        Assert.Contains("On the frontier against parameters: only upstream b, c and d.", text, StringComparison.Ordinal);
        var csv = CsvReport.Render(page);
        Assert.Contains("b,a,0.5,,,", csv["instead-downstream.csv"], StringComparison.Ordinal);
        Assert.Contains("b,,,,,", csv["instead-upstream.csv"], StringComparison.Ordinal);
    }

    [Fact]
    public void How_often_a_shape_is_on_the_frontier_is_told_upstream_too()
    {
        // Quality says a alone, the loss says b is worth its price in every draw: seeds move either far less than the shapes differ.
        TableStudy.Line Line(string name, double cost, double loss, double quality) => new(name, cost, cost, cost, [(loss - 0.01, quality - 0.01, cost), (loss, quality, cost), (loss + 0.01, quality + 0.01, cost)]);
        var page = Report.From(TableStudy.Of(Line("a", 1, 3, 0.9), Line("b", 2, 2, 0.5)));
        string[] Standing(string table) => [.. page.Tables.Single(one => one.Name == table).Rows.OrderBy(row => row[0].Text).Select(row => row.First(cell => cell.Text.EndsWith(" %)", StringComparison.Ordinal)).Text)];
        Assert.Equal(["● frontier (100 %)", "0.400 worse than a at 2.00× (0 %)"], Standing("frontier"));
        Assert.Equal(["● frontier (100 %)", "● frontier (100 %)"], Standing("frontier-upstream"));
    }

    [Fact]
    public void Losses_of_different_objectives_are_not_drawn_against_each_other_and_it_is_said_why()
    {
        var alike = TableStudy.Of([.. new[] { 1e12, 2e12, 4e12, 8e12 }.Select((flops, i) => new TableStudy.Line($"s{i}", 1000 << i, flops, 1, [(4 - (0.1 * i), 0.5 + (0.01 * i), 1)]))]);
        var different = alike with { Runs = [.. alike.Runs.Select(run => run with { Facts = run.Facts with { Objective = run.Shape == "s0" ? "spans" : "prefixes" } })] };
        bool DrawsLosses(Study study) => Report.From(study).Sections.Single(section => section.Name == "frontiers").Blocks.OfType<Chart>().Any(chart => chart.Name.StartsWith("validation-loss-against", StringComparison.Ordinal));
        bool Says(Study study, string section) => Report.From(study).Sections.Single(one => one.Name == section).Blocks.OfType<Paragraph>().Any(block => block.Text.Contains("different objectives, each of which has a loss of its own", StringComparison.Ordinal));
        Assert.True(DrawsLosses(alike) && DrawsLosses(alike with { QualityNames = [] }));
        Assert.False(DrawsLosses(different) || DrawsLosses(different with { QualityNames = [] }));
        Assert.All(new[] { "frontiers", "upstream-downstream", "laws" }, section => Assert.Equal((false, true), (Says(alike, section), Says(different, section))));
        Assert.True(Says(different with { QualityNames = [] }, "frontiers"));
        Assert.DoesNotContain(Report.From(different).Tables, table => table.Name.EndsWith("-upstream", StringComparison.Ordinal));
    }

    [Fact]
    public void A_law_that_takes_several_architectures_together_says_so()
    {
        var study = TableStudy.Of([.. new[] { 1e12, 2e12, 4e12, 8e12, 16e12 }.Select((flops, i) => new TableStudy.Line($"s{i}", 1000 << i, flops, 1, [(4 - (0.1 * i), 0.5, 1)]))]);
        var mixed = study with { Runs = [.. study.Runs.Select(run => run with { Facts = run.Facts with { Architecture = run.Shape == "s3" ? "gated" : "plain" } })] };
        Assert.Contains("The law takes 2 architectures together", MarkdownReport.Render(Report.From(mixed)), StringComparison.Ordinal);
        Assert.DoesNotContain("architectures together", MarkdownReport.Render(Report.From(study)), StringComparison.Ordinal);
        var table = Allometry.Analysis.Laws.StudyTable.Of(mixed, curves: false);
        Assert.Equal(["1", "1", "1", "2", "1"], table.Rows.Select(row => row.Cells["architecture"]));
    }

    [Fact]
    public void Each_length_of_training_has_its_losses_and_its_frontier()
    {
        StudyRun Ended(StudyRun run, double tokens) => run with { Curves = new Dictionary<string, IReadOnlyList<CurvePoint>> { ["loss"] = [new(1, 100, 1, 5), new(2, tokens, 2, 4)] } };
        StudyRun Short(StudyRun run, double loss) => Ended(run, 500) with { Id = run.Id + "-short", Stage = StudyRun.Horizon, Results = new Dictionary<string, double> { ["validation-loss"] = loss } };
        var study = TableStudy.Of(new("small", 1e6, 1e12, 1, [(3.0, 0.5, 1), (3.2, 0.5, 1)]), new("large", 2e6, 2e12, 1, [(2.8, 0.6, 1)]));
        var whole = study.Runs.Where(run => run.Stage == StudyRun.Pretraining).Select(run => Ended(run, 1000)).ToArray();
        var page = Report.From(study with { Runs = [.. study.Runs.Where(run => run.IsFineTuning), .. whole, .. whole.Select(run => Short(run, run.Shape == "small" ? 3.5 : 3.9))] });
        var rows = CsvReport.Render(page)["lengths.csv"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).Select(cells => (cells[0], cells[1], Math.Round(double.Parse(cells[4], System.Globalization.CultureInfo.InvariantCulture), 9), cells[8], cells[9]));
        Assert.Equal([("500", "small", 3.5, "2", "●"), ("500", "large", 3.9, "1", ""), ("1000", "small", 3.1, "2", "●"), ("1000", "large", 2.8, "1", "●")], rows);
        Assert.DoesNotContain(Report.From(study).Sections, section => section.Name == "lengths");
    }

    [Fact]
    public void Shapes_can_be_set_against_the_memory_that_they_were_measured_to_take()
    {
        var study = TableStudy.Of(new("small", 1, 1, 1, [(3, 0.5, 1)]), new("large", 2, 2, 2, [(2, 0.7, 1)])) with { CostNames = ["peak-memory"] };
        var measured = study with { Runs = [.. study.Runs.Select(run => run with { Facts = run.Facts with { MemoryBytes = run.Shape == "large" ? 3 << 20 : 0 } })] };
        var chart = Report.From(measured).Charts.Single(chart => chart.Name == "quality-against-peak-memory");
        Assert.Equal([3.0], chart.Series.Where(series => series.Mark != Mark.Steps).SelectMany(series => series.Points).Select(point => point.X)); // small was not measured
    }

    // Losses of 5 C^-0.05 exactly: the law of the report must find them again and foretell ten times further.
    [Fact]
    public void The_law_of_the_report_finds_a_law_that_the_losses_follow()
    {
        double Loss(double flops) => 5 * Math.Pow(flops, -0.05);
        var page = Report.From(TableStudy.Of([.. new[] { 1e12, 2e12, 4e12, 8e12, 16e12, 32e12 }.Select((flops, i) => new TableStudy.Line($"s{i}", 1000 << i, flops, 1, [(Loss(flops), 0.5 + (0.01 * i), 1)]))]));
        var foretold = page.Tables.Single(table => table.Name == "foretold").Rows[^1];
        Assert.Equal(32e13, (double)foretold[0].Value!, 32e7);
        Assert.Equal(Loss(32e13), (double)foretold[1].Value!, 1e-3);
        Assert.Contains(page.Tables, table => table.Name == "back-test");
        Assert.Contains(page.Charts, chart => chart.Name == "residuals");
    }

    [Fact]
    public void Nothing_is_foretold_by_a_law_by_which_more_compute_brings_more_loss()
    {
        string Law(double gamma) => MarkdownReport.Render(Report.From(TableStudy.Of([.. Enumerable.Range(0, 5).Select(i => new TableStudy.Line($"s{i}", 1e6, 1e12 * Math.Pow(4, i), 1e8, [(3 * Math.Pow(4, -gamma * i), 0.5, 1)]))])));
        Assert.Contains("Loss foretold", Law(0.1), StringComparison.Ordinal);
        Assert.DoesNotContain("Loss foretold", Law(-0.1), StringComparison.Ordinal);
        Assert.Contains("What should be above zero is not (gamma = -0.1)", Law(-0.1), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_shapes_cost_alike_no_law_is_claimed() =>
        Assert.Contains("No law is fitted: the 7 shapes with a loss span", MarkdownReport.Render(Report.From(SampleStudy.OneSeed)), StringComparison.Ordinal);

    [Fact]
    public void Every_knob_that_varies_has_its_plot_and_every_turn_its_row()
    {
        TableStudy.Line Line(string name, double cost, int layers, int width) => new(name, cost, cost, cost, [(3, cost / 100, cost)]) { Dimensions = (layers, width, 256, 4) };
        var page = Report.From(TableStudy.Of(Line("base", 10, 2, 64), Line("deep", 20, 4, 64), Line("wide", 30, 2, 128)));
        Assert.Equal(["quality-by-depth", "validation-loss-by-depth", "quality-by-width", "validation-loss-by-width"], page.Sections.Single(section => section.Name == "knobs").Blocks.OfType<Chart>().Select(chart => chart.Name));
        Assert.Equal(["depth 4 → 8", "width 64 → 128"], page.Tables.Single(table => table.Name == "knobs").Rows.Select(row => row[0].Text));
        Assert.Single(page.Charts.Single(chart => chart.Name == "quality-by-depth").Series, series => series.Mark == Mark.Links);
    }
}
