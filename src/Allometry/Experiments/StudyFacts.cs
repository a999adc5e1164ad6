using System.Globalization;
using System.Text.Json;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>What a store keeps of its study as a whole.</summary>
public static class StudyFacts
{
    private const string Earlier = "earlier-recipes";

    /// <summary>Writes down what the study is from now on.</summary>
    public static void Write(StudyStore store, Plan plan, string yaml, string command, Pace pace)
    {
        KeepRecipe(store, yaml);
        var compare = plan.Recipe.Compare;
        foreach (var (name, value) in new[]
        {
            ("name", plan.Recipe.Name), ("recipe", yaml), ("command", command), ("pace", pace.ToJson()), ("threads", plan.Runs[0].Run.Numbers.Numerics.Threads.ToString(CultureInfo.InvariantCulture)),
            ("quality", string.Join('\n', compare?.Quality ?? [])), ("cost", string.Join('\n', compare?.Cost ?? [])), ("baseline", compare?.Baseline ?? ""),
            ("machine", Machine.This.ToString()), ("platform", Machine.This.Platform), ("version", Machine.This.Version), ("commit", Machine.This.Commit),
        }) store.SetFact(name, value);
        store.SetPlanned(plan.Runs.Select(run => run.Id));
        if (store.Fact("created") is null) store.SetFact("created", DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture));
    }

    /// <summary>Earlier forms of the recipe of which runs may be left, first form first.</summary>
    public static IReadOnlyList<string> EarlierRecipes(StudyStore store)
    {
        var now = store.Fact("recipe");
        return [.. Kept(store).Where(earlier => earlier != now)];
    }

    private static void KeepRecipe(StudyStore store, string yaml)
    {
        if (store.Fact("recipe") is { } before && before != yaml && store.Machines().Count > 0) store.SetFact(Earlier, JsonSerializer.Serialize(Kept(store).Append(before).Distinct()));
    }

    private static List<string> Kept(StudyStore store) => store.Fact(Earlier) is { } kept ? StoredJson.Read<List<string>>(kept, "the earlier recipes in the store", "restore the store from a copy") : [];
}
