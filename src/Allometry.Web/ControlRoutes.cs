using System.Text.Json.Nodes;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;

namespace Allometry.Web;

/// <summary>What the page lets a person do: plan and start a recipe, stop a study and go on with it, let a model write.</summary>
internal static class ControlRoutes
{
    private const int LongestText = 4000;

    public static void Add(WebApplication application, Studies studies, RecipeFolder recipes, Executable program)
    {
        application.MapPost("/api/plan", async (Draft draft, CancellationToken gone) => JsonNode.Parse(await program.AskAsync(["plan", recipes.Write(draft.File, draft.Yaml), "--json"], gone)));
        application.MapPost("/api/start", async (Draft draft, CancellationToken gone) =>
        {
            var name = Reader.Read<Recipe>(draft.Yaml, draft.File).Name;
            await RunAsync(program, recipes.Write(draft.File, draft.Yaml), studies.FolderOf(name), [], gone);
            return new { Study = name };
        });
        var one = application.MapGroup("/api/studies/{study}");
        one.MapPost("/stop", async (string study, Nothing _, CancellationToken gone) =>
        {
            await program.AskAsync(["cancel", studies.Find(study).Folder, "--json"], gone);
            return new { Study = study };
        });
        one.MapPost("/resume", async (string study, Resumption how, CancellationToken gone) =>
        {
            var found = studies.Find(study);
            if (Directory.Exists(SubmissionFolder.Root(found.Folder)))
                throw new InputException(study, "it was given to a cluster, and the page does not know its profile", $"go on with `allometry run RECIPE --backend slurm --store {found.Folder}`");
            var file = recipes.Find(found.Ask((store, _) => store.Fact("recipe")) ?? "") ?? throw new InputException(
                study, "its recipe lies nowhere under the folder in which the page was started", $"go on with `allometry run RECIPE --store {found.Folder}`");
            await RunAsync(program, file, found.Folder, [.. found.Ask((store, _) => Way(store)), .. how.Retry ? ["--retry"] : Array.Empty<string>()], gone);
            return new { Study = study };
        });
        one.MapPost("/runs/{run}/text", (string study, string run, Prompt prompt, CancellationToken gone) => WriteAsync(program, studies.Find(study), run, prompt.Text, gone));
    }

    private static async Task RunAsync(Executable program, string recipe, string store, string[] way, CancellationToken gone)
    {
        if (StudyStore.Exists(store) && StudyStore.IsWorkedOn(store)) throw new InputException(store, "another process is working on this store", "stop it first, or give the recipe another name");
        await program.BeginAsync(["run", recipe, "--store", store, .. way], $"{store}.log", () => HasBegun(store), gone);
    }

    /// <summary>A store that is still being made cannot be shown yet.</summary>
    private static bool HasBegun(string store)
    {
        if (!StudyStore.Exists(store) || !StudyStore.IsWorkedOn(store)) return false;
        try
        {
            StudyStore.Read(store).Dispose();
            return true;
        }
        catch (Exception error) when (error is InputException or SqliteException) { return false; }
    }

    /// <summary>A study goes on in the way in which it was begun: other ones would be other runs.</summary>
    private static string[] Way(StudyStore store)
    {
        var numerics = store.Runs() is [var first, ..] ? RunRecord.FromJson(first.Description).Planned(first.Id).Run.Numbers.Numerics : new(1);
        return
        [
            "--device", numerics.Device, .. numerics.Plain ? ["--plain"] : Array.Empty<string>(),
            .. store.Fact("command")?.EndsWith(" --naive", StringComparison.Ordinal) == true ? ["--naive"] : Array.Empty<string>(),
        ];
    }

    /// <summary>What a finished run's model answers.</summary>
    private static async Task<JsonNode?> WriteAsync(Executable program, WatchedStudy study, string run, string text, CancellationToken gone)
    {
        if (text.Length is 0 or > LongestText) throw new InputException("text", "there is nothing to answer, or too much", $"write 1 to {LongestText} characters");
        var (id, folder) = study.Ask((store, _) => (ReadingRoutes.Row(study, run).Id, Path.Combine(store.ArtifactsOf(run), store.Artifact(run, "model")?.Folder ?? "model")));
        if (!Directory.Exists(folder)) throw new InputException(id, "this run has made no model yet", "wait until it is done");
        return JsonNode.Parse(await program.AskAsync(["generate", folder, $"--text={text}", "--json"], gone));
    }

    internal sealed record Draft(string File, string Yaml);

    internal sealed record Prompt(string Text);

    /// <param name="Retry">Whether what has failed is tried again too.</param>
    internal sealed record Resumption(bool Retry = false);

    internal sealed record Nothing;
}
