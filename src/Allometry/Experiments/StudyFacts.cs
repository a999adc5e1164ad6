using System.Globalization;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>What a store keeps of its study as a whole.</summary>
public static class StudyFacts
{
    /// <summary>Refuses the store of another study.</summary>
    public static void Check(StudyStore store, Recipe recipe)
    {
        if (store.Fact("name") is { } name && name != recipe.Name)
            throw new InputException(store.Folder, $"it holds the study '{name}', and this recipe's is '{recipe.Name}'", "give a folder of its own with --store, or the recipe the name of the study that it goes on with");
    }

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
    public static IReadOnlyList<string> EarlierRecipes(StudyStore store) =>
        [.. Enumerable.Range(1, int.MaxValue).Select(number => store.Fact(Earlier(number))).TakeWhile(kept => kept is not null).OfType<string>().Where(kept => kept != store.Fact("recipe"))];

    private static void KeepRecipe(StudyStore store, string yaml)
    {
        if (store.Fact("recipe") is not { } before || before == yaml || store.Machines().Count == 0) return;
        var number = 1;
        for (; store.Fact(Earlier(number)) is { } kept; number++)
            if (kept == before) return;
        store.SetFact(Earlier(number), before);
    }

    private static string Earlier(int number) => string.Create(CultureInfo.InvariantCulture, $"recipe/{number}");
}
