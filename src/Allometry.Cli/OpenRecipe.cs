using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Cli;

/// <summary>A recipe with what it refers to, read from its file.</summary>
public sealed record OpenRecipe(string Path, string Yaml, Recipe Recipe, Materials Materials)
{
    public static OpenRecipe Read(string path, Watcher watcher)
    {
        var recipe = Reader.ReadFile<Recipe>(path);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        return new(path, File.ReadAllText(path), recipe, Materials.Open(recipe, folder, CacheFolder.Path, watcher));
    }

    /// <summary>The plan, checked: everything that stands in its way is told at once.</summary>
    public Plan Plan(Way way)
    {
        var plan = Recipe.Expand(shape => new Numerics(Recipe.Threads ?? DefaultThreads(shape), way.Device, way.Plain, Recipe.Precision, Recipe.Ranks ?? 1), Materials.Tokenizer.Size, Materials.FingerprintOf, way.Naive);
        var problems = Feasibility.Problems(plan, way.Cluster is { } cluster ? (long)(cluster.Memory ?? cluster.NodeMemory ?? long.MaxValue) : Machine.This.Memory, elsewhere: way.Cluster is not null).ToList();
        return problems.Count == 0 ? plan with { Runs = [.. plan.Runs.Select(Looked)] } : throw new InputException([.. problems.Select(InRecipe)]);
    }

    /// <summary>With what its data let a run take, which changes predictions and nothing else.</summary>
    private PlannedRun Looked(PlannedRun run) => run.Run.Stage.Look(run.Run, Materials) is { } seen ? run with { Workload = run.Workload with { Extras = run.Workload.Extras with { Seen = seen } } } : run;

    private int DefaultThreads(Shape shape) => Numerics.DefaultThreads(Recipe.ArchitectureOf(shape).Count(shape, new()).NonEmbeddingParameters, Environment.ProcessorCount);

    private Problem InRecipe(Problem problem) => problem with { Where = $"{Path}: {problem.Where}" };
}
