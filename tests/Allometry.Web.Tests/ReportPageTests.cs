using System.Text.RegularExpressions;
using Allometry.EndToEnd.Tests;
using Allometry.Experiments;
using Allometry.Reports;
using Allometry.Store;
using Microsoft.Playwright;

namespace Allometry.Web.Tests;

/// <summary>A written report in a real browser, opened as the file that people send each other.</summary>
public sealed class ReportPageTests(Chromium chromium) : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("report-light", 1200, false, false)]
    [InlineData("report-dark", 1200, true, false)]
    [InlineData("report-phone", 390, false, false)]
    [InlineData("report-phone-dark", 390, true, false)]
    [InlineData("report-print", 794, true, true)] // whatever the screen is like, paper is white
    public async Task It_is_no_wider_than_the_window_and_can_be_read(string name, int width, bool dark, bool print)
    {
        var (page, errors) = await chromium.OpenAsync(width, 900, dark);
        if (print) await page.EmulateMediaAsync(new() { Media = Media.Print });
        await page.GotoAsync(new Uri(Written()).AbsoluteUri);
        await page.WaitForSelectorAsync(".plot .main-svg");

        await PageTests.IsNarrowEnough(page);
        Assert.Equal(dark && !print ? "rgb(21, 23, 26)" : "rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        foreach (var text in new[] { "body", "figcaption", "td", "nav a" }) Assert.True(Contrast(await Colour(page, text, "color"), await Colour(page, "body", "backgroundColor")) >= 4.5, text); // WCAG 2, level AA
        Assert.True(Contrast(await Colour(page, ".plot .xtick text", "fill"), await Colour(page, "body", "backgroundColor")) >= 4.5, "ticks");
        await PageTests.PictureAsync(page, name);
        Assert.Empty(errors);
    }

    private string Written()
    {
        var made = new GeneratedStore(folder.At("store"), 12, 100).Make();
        using var store = StudyStore.Read(made.Folder);
        return folder.Write("report.html", HtmlReport.Render(Report.From(StudyReader.Read(store))));
    }

    private static Task<string> Colour(IPage page, string selector, string property) => page.EvaluateAsync<string>($"getComputedStyle(document.querySelector('{selector}')).{property}");

    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string rgb)
    {
        double[] parts = [.. Regex.Matches(rgb, "[0-9]+").Take(3).Select(part => int.Parse(part.Value, System.Globalization.CultureInfo.InvariantCulture) / 255.0).Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4))];
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }
}
