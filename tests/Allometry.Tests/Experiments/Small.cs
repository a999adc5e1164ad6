using Allometry.Analysis;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Store;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Experiments;

/// <summary>Recipes small enough to reason about.</summary>
public static class Small
{
    public static Shape Shape(string name, int width = 32) => new(width, 2 * width, 16, 2, 1, 1, 384, name);

    public static Recipe Recipe(IReadOnlyList<Stage> protocol, IReadOnlyList<Shape>? shapes = null, IReadOnlyList<long>? seeds = null) =>
        new("small", new EncoderDecoder(), new BytesVocabulary(), shapes ?? [Shape("a"), Shape("b", 48)], protocol, Seeds: seeds, Threads: 1);

    public static Plan Plan(this Recipe recipe) => recipe.Expand(new Numerics(1), 384, file => $"<{file}>");

    public static Materials Materials(Recipe recipe, string folder) => Allometry.Experiments.Materials.Open(recipe, folder, folder, new NoWatcher());

    /// <summary>A task of two colours (rows.csv) and a text about them (text.txt).</summary>
    public static void WriteColours(string folder)
    {
        File.WriteAllLines(Path.Combine(folder, "rows.csv"), Enumerable.Range(0, 24).Select(i => i % 3 == 0 ? $"sky {i},blue" : $"a rose {i},red").Prepend("text,colour"));
        File.WriteAllLines(Path.Combine(folder, "text.txt"), Enumerable.Range(0, 60).Select(i => $"The rose of number {i} is as red as the sky of number {i * 7} is blue.\n"));
    }

    /// <summary>What a recipe's runs are found to be when they have been executed in this process, with a store below the folder.</summary>
    public static Study Study(Recipe recipe, string folder, string name = "store")
    {
        var materials = Materials(recipe, folder);
        var plan = recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        using var store = StudyStore.Open(Path.Combine(folder, name));
        new Runner(plan, store, new Local(), new Desk(materials, new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default)).Run();
        return StudyReader.Read(store);
    }
}

/// <summary>Tests of recipes on the task and the text of colours, in a folder of their own.</summary>
public abstract class ColourStudies : IDisposable
{
    protected ColourStudies() => Small.WriteColours(Folder.Path);

    protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A stage without a model: what it does is given from outside, so that a test can let it fail.</summary>
[Kind("scripted")]
public sealed record ScriptedStage(string Label, bool First = false, int Steps = 3) : Stage
{
    public static Action<Execution>? Script { get; set; }

    public override bool MakesStartingPoint => First;

    public override string? TaskName => First ? null : Label;

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this, Needs = before is null ? [] : [before] }];

    public override Workload Count(Run run) => new(100, 50, Steps, 1e9, 3e8, 64, new(1000, 1000, 2, 0));

    public override void Execute(Execution execution) => Script?.Invoke(execution);
}
