using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Experiments;

/// <summary>Everything that stands in the way of a plan, found before anything is spent.</summary>
public static class Feasibility
{
    /// <param name="memory">Bytes that a run may have.</param>
    /// <param name="elsewhere">Whether other machines compute the runs: each of them looks for itself what it lacks (<see cref="Execution"/>), since this one cannot know.</param>
    public static IEnumerable<Problem> Problems(Plan plan, long memory, bool elsewhere = false) =>
        elsewhere ? Problems(plan, memory, lack: null) : Problems(plan, memory, Bfloat16.Lack, plan.Runs.All(run => run.Run.Numbers.Numerics.IsOnProcessor) ? null : Native.Libtorch.LackForCuda());

    /// <param name="lack">What the processor lacks for bfloat16; null: nothing.</param>
    /// <param name="noGpu">What is missing to compute on a GPU.</param>
    internal static IEnumerable<Problem> Problems(Plan plan, long memory, string? lack, string? noGpu = null)
    {
        var recipe = plan.Recipe;
        return Shapes(recipe)
            .Concat(Lists(recipe))
            .Concat(Precise(plan, lack))
            .Concat(Placed(plan, noGpu))
            .Concat(Shared(plan))
            .Concat(Compared(recipe, plan))
            .Concat(Contest.Problems(plan))
            .Concat(Fitting(plan, memory));
    }

    private static IEnumerable<Problem> Shapes(Recipe recipe)
    {
        foreach (var lack in recipe.Shapes.SelectMany(shape => shape.Lacks(recipe.ArchitectureOf(shape)))) yield return lack;
        foreach (var (shape, idle) in recipe.Shapes.SelectMany(shape => recipe.ArchitectureOf(shape).Idle(shape).Select(idle => (shape, idle))))
            yield return new($"shape {ShapeName.Of(shape)}", $"it has too few layers to come to '{Catalogue.NameOf(idle)}', one of the feed-forwards that its layers take in turn", "add layers, or take a shorter turn");
        foreach (var twice in recipe.Shapes.GroupBy(ShapeName.Of).Where(group => group.Count() > 1))
            yield return new("shapes", $"two shapes are called '{twice.Key}'", "give each a name of its own");
        foreach (var same in recipe.Shapes.GroupBy(shape => (shape with { Name = null }, Canonical.Hash(recipe.ArchitectureOf(shape)))).Where(group => group.DistinctBy(ShapeName.Of).Count() > 1))
            yield return new("shapes", $"{string.Join(" and ", same.Select(ShapeName.Of))} are the same shape", "keep one of them");
        foreach (var name in (recipe.Architectures?.Keys ?? []).Except(recipe.Shapes.Select(ShapeName.Of)))
            yield return new("architectures", $"no shape is called '{name}'", Suggestion.For(name, recipe.Shapes.Select(ShapeName.Of)));
    }

    private static IEnumerable<Problem> Lists(Recipe recipe)
    {
        if (recipe.Shapes.Count == 0) yield return new("shapes", "there is no shape", "name at least one, such as tiny");
        if (recipe.Protocol.Count == 0) yield return new("protocol", "there is no stage", "add one, such as { kind: pretrain, ... }");
        foreach (var name in recipe.Protocol.SelectMany(stage => stage.Only ?? []).Except(recipe.Shapes.Select(ShapeName.Of)))
            yield return new("protocol: only", $"no shape is called '{name}'", Suggestion.For(name, recipe.Shapes.Select(ShapeName.Of)));
        foreach (var twice in recipe.Protocol.Where(stage => stage.Arm is not null).GroupBy(stage => (Kind: Catalogue.NameOf(stage), stage.Arm)).Where(arm => recipe.Shapes.Any(shape => arm.Count(stage => stage.Takes(shape)) > 1)))
            yield return new("protocol: arm", $"two {twice.Key.Kind} stages of a shape are called '{twice.Key.Arm}'", "give each a name of its own");
        if (recipe.Seeds is { Count: 0 }) yield return new("seeds", "there is no seed", "give at least one, such as [1]");
        if (recipe.Threads < 1) yield return new("threads", $"{recipe.Threads} threads compute nothing", "give at least 1, or leave it out");
        if (recipe.Name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || recipe.Name is "" or "." or "..")
            yield return new("name", $"'{recipe.Name}' cannot be a folder's name", "use letters, digits and dashes");
    }

    private static IEnumerable<Problem> Precise(Plan plan, string? lack)
    {
        if (plan.Recipe.Precision == Precision.Bfloat16 && lack is not null && plan.Runs.Any(run => run.Run.Numbers.Numerics.IsOnProcessor)) yield return new("precision", lack, "leave it out: float32 runs everywhere");
    }

    private static IEnumerable<Problem> Placed(Plan plan, string? noGpu)
    {
        if (noGpu is not null && plan.Runs.Any(run => !run.Run.Numbers.Numerics.IsOnProcessor))
            yield return new("--device cuda", noGpu, "leave it out, or use a program built with -p:Libtorch=cuda on a machine with a GPU and its driver");
    }

    /// <summary>Every rank needs a row of each part of a step.</summary>
    private static IEnumerable<Problem> Shared(Plan plan) =>
        from run in plan.Runs
        let ranks = run.Run.Numbers.Numerics.Ranks
        let smallest = (run.Run.Stage as TrainingStage)?.SmallestPart
        where smallest < ranks
        group run by (run.Stage, smallest, ranks) into stage
        select new Problem("ranks", $"{stage.Key.ranks} ranks cannot share the smallest part of a step of {stage.Key.Stage}, which has {stage.Key.smallest} of the batch", "take fewer ranks, a larger batch or less accumulate");

    private static IEnumerable<Problem> Compared(Recipe recipe, Plan plan)
    {
        var tasks = plan.Runs.Select(run => run.Task).OfType<string>().Distinct().ToList();
        foreach (var quality in (recipe.Compare?.Quality ?? []).Except(tasks))
            yield return new("compare: quality", $"no stage fine-tunes on a task called '{quality}'", Suggestion.For(quality, tasks));
        var trained = recipe.Shapes.SelectMany(shape => recipe.Protocol.Where(stage => stage.Arm is not null && stage.Takes(shape)).Select(stage => Analysis.StudyRun.NameOf(ShapeName.Of(shape), [stage.Arm!])).Prepend(ShapeName.Of(shape))).Distinct().ToList();
        if (recipe.Compare?.Baseline is { } baseline && !trained.Contains(baseline))
            yield return new("compare: baseline", $"no shape is called '{baseline}', nor an arm of one", Suggestion.For(baseline, trained));
        var costs = Analysis.CostAxis.All.Select(axis => axis.Name).ToList();
        foreach (var cost in (recipe.Compare?.Cost ?? []).Except(costs))
            yield return new("compare: cost", $"there is no cost called '{cost}'", Suggestion.For(cost, costs));
    }

    private static IEnumerable<Problem> Fitting(Plan plan, long memory) =>
        from run in plan.Runs
        group run by run.Shape into shape
        let needed = shape.Max(run => run.PeakBytes)
        where needed > memory
        select new Problem($"shapes, {shape.Key}", $"it needs about {GiB(needed)} of memory and may have {GiB(memory)}", "take a smaller batch (accumulate keeps its effect), shorter lengths or a smaller shape");

    private static string GiB(double bytes) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / (1L << 30):0.0} GiB");
}
