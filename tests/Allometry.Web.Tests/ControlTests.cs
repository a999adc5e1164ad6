using System.Text.Json;
using Allometry.EndToEnd.Tests;
using Allometry.Store;
using Microsoft.Playwright;

namespace Allometry.Web.Tests;

/// <summary>What a person does on the page, with the real program behind it.</summary>
public sealed class ControlTests(Chromium chromium)
{
    [Fact]
    public async Task A_study_is_begun_from_the_form_stopped_and_gone_on_with_and_its_model_writes()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 2, 20));
        Smoke(study, steps: 100_000);
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync($"{study.Server.Link}");
        await page.WaitForSelectorAsync("#section-runs");
        await page.Keyboard.PressAsync("n");
        await page.SelectOptionAsync("#from", "smoke.yaml");
        await Assertions.Expect(page.Locator("#yaml")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("steps: 100000"));

        await page.GetByLabel("name", new() { Exact = false }).First.FillAsync("from-the-page");
        await Assertions.Expect(page.Locator("#yaml")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^name: from-the-page\n"));
        await page.FillAsync("#file", "mine.yaml");
        await PageTests.PictureAsync(page, "start");
        await page.ClickAsync("#start");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("from-the-page");
        await Assertions.Expect(page.Locator(".runs .state.running").First).ToBeVisibleAsync();
        await page.WaitForSelectorAsync("#curves .plot .main-svg");
        await PageTests.PictureAsync(page, "running");

        await page.ClickAsync("#stop");
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("what was done is saved");
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("nobody is at it");
        var store = Path.Combine(study.Folder, ".allometry", "from-the-page");
        var before = LossesOf(store);
        Assert.True(before > 0);
        await page.ClickAsync("#resume");
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("a process is at it");
        await Assertions.Expect(page.Locator(".runs .state.running").First).ToBeVisibleAsync();
        while (LossesOf(store) <= before) await Task.Delay(200);
        await page.ClickAsync("#stop");
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("nobody is at it");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_finished_runs_model_answers_on_its_page()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 2, 20));
        var (page, errors) = await OpenShortStudyAsync(study);
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("6 runs: 6 done");
        await page.ClickAsync(".runs td:nth-child(3) a");
        await page.ClickAsync("text=Let it write");
        await page.WaitForSelectorAsync(".answer");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task What_has_failed_is_tried_again_when_nobody_is_at_the_study()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 2, 20));
        var (page, errors) = await OpenShortStudyAsync(study);
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("6 done · nobody is at it");
        using (var store = StudyStore.Open(Path.Combine(study.Folder, ".allometry", "smoke")))
        {
            store.End(store.Begin(store.Runs()[^1].Id, 0, "{}", "v"), RunState.Failed, "the loss became NaN");
            await Assertions.Expect(page.Locator("#section-failed")).ToContainTextAsync("When the study has ended or is stopped they can be tried again.");
        }
        await page.ClickAsync("#retry");
        await Assertions.Expect(page.Locator("#byline")).ToContainTextAsync("6 done · nobody is at it");
        await Assertions.Expect(page.Locator("#section-failed")).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_form_and_the_text_say_the_same_recipe()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 1, 5));
        foreach (var recipe in Recipes()) File.Copy(recipe, Path.Combine(study.Folder, $"{Path.GetFileName(Path.GetDirectoryName(recipe))}-{Path.GetFileName(recipe)}"));
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        await page.GotoAsync($"{study.Address}/#/start");
        await page.WaitForSelectorAsync("#from option:nth-child(2)", new() { State = WaitForSelectorState.Attached });
        foreach (var name in await page.EvalOnSelectorAllAsync<string[]>("#from option:not([value=''])", "all => all.map(one => one.value)"))
        {
            await page.SelectOptionAsync("#from", name);
            await Assertions.Expect(page.Locator("#file")).ToHaveValueAsync("mine.yaml");
            var text = await File.ReadAllTextAsync(Path.Combine(study.Folder, name));
            await Assertions.Expect(page.Locator("#yaml")).ToHaveValueAsync(text);
            var before = await study.PostAsync("/api/recipe/read", JsonSerializer.Serialize(new { yaml = text }));
            // Any change makes the form write the text: here one that says what was there.
            await page.WaitForSelectorAsync(".form input");
            await page.EvaluateAsync("document.querySelector('.form input').dispatchEvent(new Event('input'))");
            var written = await page.InputValueAsync("#yaml");
            Assert.NotEqual(text, written);
            Assert.Equal(before, await study.PostAsync("/api/recipe/read", JsonSerializer.Serialize(new { yaml = written })));
        }
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_recipe_that_was_chosen_last_is_shown_although_the_answer_for_the_one_before_comes_later()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 1, 5));
        Smoke(study, steps: 3);
        var (page, errors) = await chromium.OpenAsync();
        await page.GotoAsync(study.Server.Link);
        TaskCompletionSource chosen = new(), answered = new();
        await page.RouteAsync("**/api/studies/study/recipe", async route =>
        {
            await chosen.Task;
            await route.ContinueAsync();
            answered.SetResult();
        });
        await page.GotoAsync($"{study.Address}/#/start");
        await page.SelectOptionAsync("#from", "smoke.yaml");
        await page.WaitForSelectorAsync(".form input");
        var late = page.WaitForResponseAsync("**/api/studies/study/recipe");
        chosen.SetResult();
        await answered.Task;
        await (await late).FinishedAsync();
        await page.WaitForFunctionAsync("() => new Promise(done => setTimeout(() => done(true), 0))");

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(study.Folder, "smoke.yaml")), await page.InputValueAsync("#yaml"));
        await page.GetByLabel("name", new() { Exact = false }).First.FillAsync("another");
        Assert.Contains("protocol:", await page.InputValueAsync("#yaml"), StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task What_is_no_text_among_the_recipes_is_none_of_them()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 1, 5));
        await File.WriteAllBytesAsync(Path.Combine(study.Folder, "a-latin.yaml"), [.. "name: x\nprotocol:\n# caf"u8, 0xE9]);
        await File.WriteAllTextAsync(Path.Combine(study.Folder, "b.yaml"), "name: y\nprotocol:\n");

        var answer = (await study.GetAsync("/api/recipes")).ToString();

        Assert.Contains("b.yaml", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("a-latin.yaml", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_recipe_is_told_and_nothing_begins()
    {
        await using var study = await ServedStudy.StartAsync(folder => new(folder, 1, 5));
        var (status, answer) = await study.PostAsync("/api/start", JsonSerializer.Serialize(new { file = "bad.yaml", yaml = "name: x\nshapes: [tiny]\n" }));
        Assert.Equal(400, status);
        Assert.Contains("protocol", answer, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(study.Folder, "bad.yaml")));
        await File.WriteAllTextAsync(Path.Combine(study.Folder, "mine.yaml"), "name: y\n");
        (status, answer) = await study.PostAsync("/api/plan", JsonSerializer.Serialize(new { file = "mine.yaml", yaml = "name: x\n" }));
        Assert.Equal(400, status);
        Assert.Contains("another recipe in this file", answer, StringComparison.Ordinal);
        Assert.Equal("name: y\n", await File.ReadAllTextAsync(Path.Combine(study.Folder, "mine.yaml")));
        foreach (var draft in new[] { "name: first\n", "name: second\n" })
        {
            (status, answer) = await study.PostAsync("/api/plan", JsonSerializer.Serialize(new { file = "draft.yaml", yaml = draft }));
            Assert.Equal((500, draft), (status, await File.ReadAllTextAsync(Path.Combine(study.Folder, "draft.yaml"))));
            Assert.Contains("protocol", answer, StringComparison.Ordinal);
        }
        (status, answer) = await study.PostAsync("/api/studies/study/resume", "{}");
        Assert.Equal(400, status);
        Assert.Contains("allometry run RECIPE --store", answer, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Recipes() => Directory.EnumerateFiles(Path.Combine(AllometryProcess.Repository, "recipes"), "*.yaml", SearchOption.AllDirectories);

    /// <summary>The page of a study of a few steps, which has just been started.</summary>
    private async Task<(IPage Page, List<string> Errors)> OpenShortStudyAsync(ServedStudy study)
    {
        Smoke(study, steps: 3);
        var (page, errors) = await chromium.OpenAsync();
        Assert.Equal(200, (await study.PostAsync("/api/start", JsonSerializer.Serialize(new { file = "smoke.yaml", yaml = await File.ReadAllTextAsync(Path.Combine(study.Folder, "smoke.yaml")) }))).Status);
        await page.GotoAsync(study.Server.Link);
        await page.GotoAsync($"{study.Address}/#/study/smoke");
        return (page, errors);
    }

    /// <summary>The smoke recipe in the page's folder, its data files where they are.</summary>
    private static void Smoke(ServedStudy study, int steps)
    {
        var yaml = File.ReadAllText(Path.Combine(AllometryProcess.Repository, "recipes", "smoke", "smoke.yaml"));
        File.WriteAllText(Path.Combine(study.Folder, "smoke.yaml"), yaml.Replace("../../data/", Path.Combine(AllometryProcess.Repository, "data") + "/", StringComparison.Ordinal)
            .Replace("budget: { steps: 60 }", $"budget: {{ steps: {steps} }}", StringComparison.Ordinal).Replace("budget: { steps: 20 }", "budget: { steps: 3 }", StringComparison.Ordinal));
    }

    private static int LossesOf(string folder)
    {
        using var store = StudyStore.Read(folder);
        return store.Runs().Sum(run => store.Measurements(run.Id).Count(m => m.Name == "loss"));
    }
}
