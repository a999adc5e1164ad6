using System.Diagnostics;
using System.Globalization;
using Allometry.Store;
using Microsoft.Playwright;

namespace Allometry.Web.Tests;

/// <summary>The page in a real browser.</summary>
public sealed class PageTests(Chromium chromium)
{
    /// <summary>Names that would do harm if anything took them for markup, a path or a script.</summary>
    private static readonly string[] Hostile =
    [
        "<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "\"><svg onload=alert(3)>", "<a href=\"javascript:alert(4)\">x</a>", "../../etc/passwd", "{{7*7}}${alert(5)}", "\u202Egnp.exe", "__proto__", "%3Cb%3E&amp;<b>bold</b>",
    ];

    /// <summary>Where pictures of the page go, for a person to look at.</summary>
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("ALLOMETRY_SCREENSHOTS");

    [Theory]
    [InlineData("light", 1200, 900, false)]
    [InlineData("dark", 1200, 900, true)]
    [InlineData("phone", 390, 844, false)]
    public async Task A_study_is_shown(string name, int width, int height, bool dark)
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 24, 400) { Untried = 2, Failed = "the loss became NaN at step 12" });
        var (page, errors) = await chromium.OpenAsync(width, height, dark);
        await page.GotoAsync(study.Server.Link);
        await Drawn(page, "#curves");
        await Drawn(page, "#frontier");

        Assert.Contains("48 runs: 42 done, 5 waiting, 1 failed", await page.InnerTextAsync("#byline"), StringComparison.Ordinal);
        Assert.Contains("the loss became NaN at step 12", await page.InnerTextAsync("#section-failed"), StringComparison.Ordinal);
        Assert.Equal("generated", await page.InnerTextAsync("h1"));
        Assert.DoesNotContain("token", page.Url, StringComparison.Ordinal);
        Assert.Equal(dark ? "rgb(21, 23, 26)" : "rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        await IsNarrowEnough(page);
        await PictureAsync(page, name);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Hostile_names_are_only_ever_text()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, Hostile.Length, 20) { Name = Hostile[0], ShapeName = i => Hostile[i], Failed = Hostile[1] });
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await Drawn(page, "#curves");
        await Drawn(page, "#frontier");
        Assert.Equal(Hostile[0], await page.InnerTextAsync("h1"));
        var shown = await page.EvalOnSelectorAllAsync<string[]>(".runs td:nth-child(3) a", "all => all.map(one => one.textContent)");
        Assert.Equal(Hostile.Select(name => name.Replace('\u202E', '\uFFFD')), shown.Distinct());
        await NothingOfThem(page);
        await PictureAsync(page, "hostile");

        await page.GotoAsync($"{study.Address}/#/compare/study/{GeneratedStore.PretrainingOf(1)}/{GeneratedStore.PretrainingOf(2)}");
        await Drawn(page, "#content");
        await NothingOfThem(page);
        await page.GotoAsync($"{study.Address}/#/run/study/{GeneratedStore.PretrainingOf(0)}");
        await page.WaitForSelectorAsync("#section-standing");
        Assert.Contains(Hostile[1], await page.InnerTextAsync("#section-standing"), StringComparison.Ordinal);
        await NothingOfThem(page);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_page_follows_a_study_that_another_process_writes()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 3, 40) { Untried = 1 });
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await Drawn(page, "#curves");
        await Drawn(page, "#frontier");
        Assert.Contains("nobody is at it", await page.InnerTextAsync("#byline"), StringComparison.Ordinal);
        var run = GeneratedStore.PretrainingOf(2);
        var row = page.Locator($"tr[data-run='{run}']");
        Assert.Contains("waiting", await row.InnerTextAsync(), StringComparison.Ordinal);

        using (var store = StudyStore.Open(study.Store))
        {
            var attempt = store.Begin(run, 0, "{}", "v");
            store.Record(attempt, [.. Enumerable.Range(1, 10).Select(step => new Measurement("loss", step, 5 - (step * 0.1), step * 128, step))]);
            await Assertions.Expect(row).ToContainTextAsync("10 / 40");
            await Assertions.Expect(row).ToContainTextAsync("4.000");
            await Assertions.Expect(row.Locator(".state")).ToHaveTextAsync("running");
            await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("a process is at it");
            await Assertions.Expect(page.Locator("#stop")).ToBeVisibleAsync();
            await Until(page, "document.querySelector('#curves .plot')?.data?.some(line => line.x.length === 10)");

            store.Record(attempt, [.. Enumerable.Range(11, 5).Select(step => new Measurement("loss", step, 5 - (step * 0.1), step * 128, step))]);
            await Until(page, "document.querySelector('#curves .plot')?.data?.some(line => line.x.length === 15)");
            store.Record(attempt, [new("validation-loss", 40, 2.5), new("area/accuracy", 40, 1)]);
            var before = await page.EvaluateAsync<int>("document.querySelectorAll('#frontier .plot').length");
            store.End(attempt, RunState.Failed, "the loss became NaN");
            await Assertions.Expect(page.Locator("#section-failed")).ToContainTextAsync("the loss became NaN");
            Assert.True(before > 0);
        }
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("nobody is at it");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_shape_that_ends_moves_the_frontier_while_one_looks()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 4, 30) { Untried = 1 });
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await Drawn(page, "#frontier");
        Assert.Contains("Train 4x64", await page.InnerTextAsync("#frontier .lead"), StringComparison.Ordinal);
        using (var store = StudyStore.Open(study.Store))
            foreach (var (run, name, value) in new[] { (GeneratedStore.PretrainingOf(3), "validation-loss", 2.0), (GeneratedStore.TuningOf(3), "area/accuracy", 0.99) })
            {
                var attempt = store.Begin(run, 0, "{}", "v");
                store.Record(attempt, [new(name, 20, value), new("seconds", 20, 1)]);
                store.End(attempt, RunState.Done);
            }
        await Assertions.Expect(page.Locator("#frontier .lead")).ToContainTextAsync("Train 5x64");
        await Until(page, "[...document.querySelectorAll('#frontier .plot')].some(plot => plot.data?.some(line => (line.text ?? []).includes('5x64')))");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Everything_is_reached_by_keyboard()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 30, 20));
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await Drawn(page, "#frontier");
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await Focused(page));

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("6x128 pretrain");
        await Assertions.Expect(page.Locator(".runs tbody tr")).ToHaveCountAsync(1 + 1); // pre-training, and the fine-tuning from it
        await TabTo(page, "Pick 6x128 pretrain seed 1");
        await page.Keyboard.PressAsync("Space");
        await TabTo(page, "Pick 6x128 fine-tune area from pretrain seed 1");
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("/");
        await TabTo(page, "Compare two");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#section-differences");
        Assert.Contains("stage kind", await page.InnerTextAsync("#section-differences"), StringComparison.Ordinal);
        Assert.Contains("area/accuracy", await page.InnerTextAsync("#section-results"), StringComparison.Ordinal);
        await PictureAsync(page, "compare");

        await page.Keyboard.PressAsync("s");
        await page.WaitForSelectorAsync("#section-runs");
        await TabTo(page, "2x64");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#section-environment");
        Assert.Equal("2x64 pretrain seed 1", await page.InnerTextAsync("h2.page"));
        await PictureAsync(page, "run");
        await page.Keyboard.PressAsync("n");
        await page.WaitForSelectorAsync("#yaml");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_list_is_sorted_filtered_and_turned_over()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 40, 20) { Untried = 7 });
        var (page, _) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await page.ClickAsync("text=Later");
        await Assertions.Expect(page.Locator("#section-runs")).ToContainTextAsync("26–50 of 80");
        await page.ClickAsync(".runs th button:has-text('Loss')");
        Assert.Equal("ascending", await page.GetAttributeAsync(".runs th:has-text('Loss')", "aria-sort"));
        var losses = await page.EvalOnSelectorAllAsync<string[]>(".runs tbody td:nth-child(7)", "all => all.map(one => one.textContent)");
        var numbers = losses.Select(loss => double.Parse(loss, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(numbers.Order(), numbers);
        await page.ClickAsync("button.waiting");
        await Assertions.Expect(page.Locator(".runs tbody tr")).ToHaveCountAsync(14);
    }

    [Fact]
    public async Task What_routers_did_is_on_the_runs_page()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 1, 20) { Untried = 1 });
        var run = GeneratedStore.PretrainingOf(0);
        using (var store = StudyStore.Open(study.Store))
        {
            var attempt = store.Begin(run, 0, "{}", "v");
            foreach (var step in Enumerable.Range(1, 20))
                store.Record(attempt, [.. Enumerable.Range(0, 4).Select(expert => new Measurement($"layers/encoder.1/load/{expert}", step, 1 + (expert * 0.1), step * 128)), new("layers/encoder.1/dropped", step, 0.02, step * 128), new("layers/encoder.1/entropy", step, 1.2, step * 128)]);
            store.End(attempt, RunState.Done);
        }
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await page.GotoAsync($"{study.Address}/#/run/study/{run}");
        await Drawn(page, "#section-experts");
        Assert.Equal(["Load of the fullest expert", "Tokens without a slot", "How decided routers are", "Load of each expert at the end"], await page.EvalOnSelectorAllAsync<string[]>("#section-experts h3", "all => all.map(one => one.textContent)"));
        Assert.Empty(errors);
    }

    private static Task Drawn(IPage page, string place) => page.WaitForSelectorAsync($"{place} .plot .main-svg");

    // Playwright's own waiting evaluates text inside the page, which the page's policy forbids.
    private static async Task Until(IPage page, string condition)
    {
        for (var clock = Stopwatch.StartNew(); !await page.EvaluateAsync<bool>($"!!({condition})"); await Task.Delay(100))
            Assert.True(clock.Elapsed.TotalMilliseconds < Chromium.Patience, $"it never came true that {condition}");
    }

    internal static async Task IsNarrowEnough(IPage page) => Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window");

    private static async Task NothingOfThem(IPage page) =>
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('main img, main script, main svg[onload], main b, a[href^=javascript], main [onerror]').length"));

    private static Task<string> Focused(IPage page) => page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");

    private static async Task TabTo(IPage page, string name)
    {
        for (var i = 0; i < 80 && await Focused(page) != name; i++) await page.Keyboard.PressAsync("Tab");
        Assert.Equal(name, await Focused(page));
    }

    internal static async Task PictureAsync(IPage page, string name)
    {
        if (Pictures is not null) await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}.png"), FullPage = true });
    }
}
