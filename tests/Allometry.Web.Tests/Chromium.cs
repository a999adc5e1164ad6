using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Allometry.Web.Tests.Chromium))]

namespace Allometry.Web.Tests;

/// <summary>A real browser without a window: the system's Chromium, or the one that ALLOMETRY_CHROMIUM names. Tests that need it are skipped where there is none.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Milliseconds: a busy machine starts programs slowly.</summary>
    internal const float Patience = 150_000;

    /// <summary>One for all tests, whichever of those that run side by side wants it first.</summary>
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> started = new(LaunchAsync);

    public static string? Executable => new[] { Environment.GetEnvironmentVariable("ALLOMETRY_CHROMIUM") }.Concat(Usual).FirstOrDefault(File.Exists);

    /// <summary>A page in a context of its own; what its scripts could not handle or its policy refused is kept.</summary>
    public async Task<(IPage Page, List<string> Errors)> OpenAsync(int width = 1200, int height = 900, bool dark = false)
    {
        Assert.SkipWhen(Executable is null, "there is no Chromium here");
        Assertions.SetDefaultExpectTimeout(Patience);
        var (_, browser) = await started.Value;
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        List<string> errors = [];
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, said) => { if (said.Type == "error") errors.Add(said.Text); };
        page.Dialog += (_, dialog) => { errors.Add($"dialog: {dialog.Message}"); _ = dialog.DismissAsync(); };
        return (page, errors);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (!started.IsValueCreated) return;
        var (playwright, browser) = await started.Value;
        await browser.CloseAsync();
        playwright.Dispose();
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"], Timeout = Patience }));
    }
}
