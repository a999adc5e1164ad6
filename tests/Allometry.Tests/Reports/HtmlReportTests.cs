using System.Text.RegularExpressions;
using System.Xml.Linq;
using Allometry.Reports;

namespace Allometry.Tests.Reports;

public sealed class HtmlReportTests
{
    private static readonly Report Sample = Report.From(SampleStudy.ThreeSeeds);
    private static readonly string Page = HtmlReport.Render(Sample);
    private static readonly XElement Body = XElement.Parse(Page[Page.IndexOf("<body>", StringComparison.Ordinal)..(Page.IndexOf("</body>", StringComparison.Ordinal) + 7)]);

    [Fact]
    public void Nothing_is_loaded_from_anywhere()
    {
        Assert.DoesNotMatch("""<(script|link|img|iframe|source|object)[^>]*\s(src|href|data)\s*=""", Page[..Page.IndexOf("<script>", StringComparison.Ordinal)]);
        Assert.DoesNotMatch("""@import|url\(""", Page[Page.IndexOf("<style>", StringComparison.Ordinal)..Page.IndexOf("</style>", StringComparison.Ordinal)]);
        Assert.DoesNotContain(Body.Descendants().Attributes(), attribute => attribute.Name.LocalName == "src");
        Assert.Contains("default-src 'none'", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_leads_to_a_section_or_to_a_file_that_is_written_beside_the_page()
    {
        var places = Body.Descendants("section").Select(section => "#" + section.Attribute("id")!.Value).Concat(CsvReport.Render(Sample).Keys).ToHashSet();
        Assert.All(Body.Descendants("a"), link => Assert.Contains(link.Attribute("href")!.Value, places));
        Assert.All(Sample.Charts, chart => Assert.Contains(Body.Descendants("a"), link => link.Attribute("href")!.Value == $"{chart.Name}.csv"));
    }

    [Fact]
    public void Sections_come_in_the_order_of_what_people_ask() => Assert.Equal(
        ["answer", "frontiers", "knobs", "upstream-downstream", "laws", "cost", "provenance"], Body.Descendants("section").Select(section => section.Attribute("id")!.Value));

    [Fact]
    public void Scripts_end_where_they_should() =>
        Assert.Equal((2, 2), (Regex.Count(Page, "<script>"), Regex.Count(Page, "</script>")));

    [Fact]
    public void Every_chart_of_the_report_is_on_the_page_with_its_units_and_its_numbers()
    {
        var figures = Body.Descendants("figure").Where(figure => figure.Attribute("class") is not null).ToArray();
        Assert.Equal(Sample.Charts.Count(), figures.Length);
        Assert.All(figures.Zip(Sample.Charts), pair =>
        {
            Assert.Contains($"\"label\":\"{pair.Second.Y.Label}\"", pair.First.Element("div")!.Attribute("data-chart")!.Value, StringComparison.Ordinal);
            Assert.NotEmpty(pair.First.Element("details")!.Descendants("td"));
        });
    }

    [Fact]
    public void An_axis_without_a_unit_is_refused() => Assert.Throws<ArgumentException>(() => new Axis("Quality", ""));

    [Fact]
    public void Every_shape_stands_in_the_tables_for_readers_without_javascript() =>
        Assert.All(SampleStudy.ThreeSeeds.Shapes(), shape => Assert.True(Body.Descendants("td").Count(cell => cell.Value == shape) >= 3));

    [Fact]
    public void Text_of_a_study_never_becomes_markup()
    {
        var study = SampleStudy.OneSeed with { Name = "</title><script>alert(1)</script>", RecipeYaml = "# </pre></body><script>alert(2)</script>" };
        study = study with { Runs = [.. study.Runs.Select(run => run with { Shape = run.Shape + "<img src=x onerror=alert(3)>\"'" })] };
        var page = HtmlReport.Render(Report.From(study));
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page[..page.LastIndexOf("</body>", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_study_gives_the_same_bytes() => Assert.Equal(Page, HtmlReport.Render(Report.From(SampleStudy.ThreeSeeds)));
}
