using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Allometry.Kinds;
using Allometry.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Allometry.Web;

/// <summary>What the page asks about studies.</summary>
internal static class ReadingRoutes
{
    /// <summary>Curves in one picture, at most: more cannot be told apart.</summary>
    private const int MostCurves = 12;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static void Add(WebApplication application, Studies studies)
    {
        var ending = application.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        application.MapGet("/api/studies", () => studies.Names);
        var one = application.MapGroup("/api/studies/{study}");
        one.MapGet("", (string study) => studies.Find(study).Now());
        one.MapGet("/events", (string study, long since, CancellationToken gone) => TypedResults.ServerSentEvents(Changes(studies.Find(study), since, ending, gone)));
        one.MapGet("/frontier", (string study) => studies.Find(study).Frontier.Now() is var (sections, behind) ? new { Sections = BlocksJson.Of(sections), Behind = behind } : null);
        one.MapGet("/recipe", (string study) => new { Yaml = studies.Find(study).Ask((store, _) => store.Fact("recipe")) ?? "" });
        one.MapGet("/curves", (string study, string runs) => BlocksJson.Of([Curves(studies.Find(study), runs.Split(',', MostCurves + 1).Take(MostCurves))]));
        one.MapGet("/runs/{run}", (string study, string run) => studies.Find(study) is var found && Row(found, run) is var row
            ? new { Title = RunWords.Of(row), Row = row, Sections = BlocksJson.Of(new RunPage(found, row).Sections()) } : null);
        one.MapGet("/compare/{left}/{right}", (string study, string left, string right) => studies.Find(study) is var found
            ? BlocksJson.Of(new ComparePage(found, Row(found, left), Row(found, right)).Sections()) : null);
    }

    internal static RunRow Row(WatchedStudy study, string run) => study.Now().Rows.FirstOrDefault(row => row.Id == run) ?? throw new InputException("run", $"there is no run '{run}' in this study", "load the page again");

    private static Section Curves(WatchedStudy study, IEnumerable<string> runs)
    {
        var labelled = RunWords.Apart([.. runs.Where(run => run.Length > 0).Select(run => Row(study, run))]);
        return new("curves", "Losses", study.Ask((_, look) => new[] { "loss", "validation-loss" }.Select(name => CurveCharts.Of(look, name, labelled)).OfType<Block>().ToList()));
    }

    /// <summary>What has changed, as often as it does but not more than once a second; something at all every few seconds, so that a connection that is gone is noticed.</summary>
    private static async IAsyncEnumerable<SseItem<Standing?>> Changes(WatchedStudy study, long since, CancellationToken ending, [EnumeratorCancellation] CancellationToken gone)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ending, gone);
        while (!stop.IsCancellationRequested)
        {
            var now = study.Now();
            yield return now.Version > since ? new(now.Since(since), "standing") : new(null, "nothing");
            since = now.Version;
            try { await Task.Delay(Pause, stop.Token); }
            catch (OperationCanceledException) { yield break; }
        }
    }
}
