using Allometry.Analysis;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Models;
using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Stranger.Tests;

/// <summary>One study in which everything that can come from outside does: <c>stranger.yaml</c>.</summary>
public sealed class StudyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-stranger-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_study_of_a_strangers_parts_runs_from_yaml_to_results()
    {
        var study = Run(Strangers.Read<Recipe>(Resource("stranger.yaml")));

        Assert.Equal(["pretrain", "continue", "fine-tune"], study.Runs.Select(run => run.Stage));
        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        Assert.All(study.Runs.Take(2), run => Assert.True(run.Curves["loss"][^1].Value < run.Curves["loss"][0].Value));
        Assert.InRange(study.Runs[2].Results["colour/first-letter"], 0, 1);
        Assert.Single(Report.From(study).Tables.Single(table => table.Name == "continued").Rows);
    }

    [Fact]
    public void A_run_of_a_strangers_stage_starts_from_the_model_before_it()
    {
        var plan = Strangers.Read<Recipe>(Resource("stranger.yaml")).Expand(new Numerics(1), 384, file => file);
        Assert.Equal([plan.Runs[0].Id], plan.Runs[1].Run.Needs);
        Assert.Equal([plan.Runs[1].Id], plan.Runs[2].Run.Needs);
    }

    [Fact]
    public void A_strangers_shape_is_known_by_its_name() =>
        Assert.Equal((32, 2, 1), (Strangers.Read<Shape>("hut") is var hut ? hut.ModelWidth : 0, hut.EncoderLayers, hut.DecoderLayers));

    private Study Run(Recipe recipe)
    {
        File.WriteAllLines(Path.Combine(folder, "text.txt"), Enumerable.Range(0, 60).Select(i => $"Sentence {i} says that {i} and {i + 1} are {2 * i + 1}.\n"));
        File.WriteAllLines(Path.Combine(folder, "colours.csv"), Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? $"rose {i},red" : $"sky {i},blue").Prepend("text,label"));
        var materials = Materials.Open(recipe, folder, folder, new NoWatcher());
        var plan = recipe.Expand(new Numerics(1), materials.Tokenizer.Size, materials.FingerprintOf);
        using var store = StudyStore.Open(Path.Combine(folder, "store"));
        new Runner(plan, store, new Local(), new Desk(materials, new NoWatcher(), new RunnerOptions(TimeSpan.FromMinutes(1)), default)).Run();
        return StudyReader.Read(store);
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(StudyTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
