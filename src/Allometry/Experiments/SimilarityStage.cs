using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Allometry.Analysis;
using Allometry.Analysis.Similarity;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Experiments;

/// <summary>Which other run a run is compared with.</summary>
public enum Against
{
    /// <summary>The one that it started from.</summary>
    Start,

    /// <summary>The same with the recipe's first seed.</summary>
    FirstSeed,

    /// <summary>The same of the recipe's first shape; layers are set beside each other by the fraction of the depth.</summary>
    FirstShape,
}

/// <summary>Compares two finished models layer by layer on a task's texts: CKA of each layer with each, STIR of layers as deep.</summary>
[Kind("similarity")]
[Description("Compares finished models layer by layer: CKA and STIR of what they make of a task's texts.")]
public sealed record SimilarityStage(
    [Description("The other model: start (what it started from), first-seed or first-shape.")] Against Against = Against.Start,
    [Description("The stage whose models are compared.")] string Of = StudyRun.FineTuning,
    [Description("The task whose test texts (else validation texts) are read; the run's own where left out.")] TextTask? Texts = null,
    [Description("Texts, at most."), Range(4, 1_000_000)] int Examples = 1000,
    [Description("Repetitions of STIR by nearest neighbours; 0: none."), Range(0, 10_000)] int Stir = 20) : Stage
{
    private const string Where = "protocol: similarity";

    [Description("Which states stand for a text.")]
    public Representations States { get; init; } = new();

    [Description("STIR by inversion too, which takes long; left out: not.")]
    public Inversion? Inversion { get; init; }

    [Description("The other run, in words; the plan fills it in.")]
    public string? Other { get; init; }

    public override bool LooksBack => true;

    public override string FromWord => Other ?? "";

    public override string? TaskName => Texts?.Name;

    public override IEnumerable<Run> Expand(Run draft, string? before, IReadOnlyList<PlannedRun> earlier) =>
        from run in earlier.ToList()
        where run.Stage == Of && run.Run.Shape == draft.Shape && run.Seed == draft.Numbers.Seed
        let other = OtherOf(run, earlier)
        let texts = Texts ?? run.Run.Stage.ScoredOn.FirstOrDefault()
        where other is not null && texts is not null
        select draft with { Stage = this with { Texts = texts, Other = Told(run, other) }, Corpus = null, Needs = [other.Id, run.Id] };

    /// <summary>A forward pass of each text through both, as one step.</summary>
    public override Workload Count(Run run)
    {
        var sheet = run.Architecture.Count(run.Shape, new Setting(Examples, Texts!.InputLength, 1));
        var features = 2.0 * sizeof(double) * Examples * run.Shape.ModelWidth * (run.Shape.EncoderLayers + run.Shape.DecoderLayers + 2);
        return new(sheet.Parameters, sheet.NonEmbeddingParameters, 1, 2 * sheet.ForwardFlops, 2 * sheet.ForwardFlops, 2.0 * Examples * Texts.InputLength,
            new((8.0 * sheet.Parameters) + features, sheet.ActivationBytes / Math.Max(1, Examples), run.Shape.EncoderLayers + run.Shape.DecoderLayers, 0));
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        var compared = recipe.Protocol.Where(stage => Catalogue.NameOf(stage) == Of).ToList();
        if (compared.Count == 0) yield return new($"{Where}: of", $"there is no stage '{Of}' in the protocol", Suggestion.For(Of, recipe.Protocol.Select(Catalogue.NameOf).Distinct()));
        if (Texts is null && compared.Exists(stage => stage.ScoredOn.Count == 0)) yield return new($"{Where}: texts", $"a run of the stage '{Of}' has no task of its own", "name the task whose texts are read");
        if (Against == Against.Start && compared.TrueForAll(stage => stage.MakesStartingPoint)) yield return new($"{Where}: against", $"a run of the stage '{Of}' starts from no other", "take first-seed or first-shape, or compare a fine-tuning");
        if (Against == Against.FirstSeed && (recipe.Seeds?.Count ?? 1) < 2) yield return new($"{Where}: against", "there is one seed only", "add another: seeds: [1, 2]");
        if (Against == Against.FirstShape && recipe.Shapes.Count < 2) yield return new($"{Where}: against", "there is one shape only", "add another");
        if (States.Source == StateSource.Writer && recipe.Architecture is not EncoderDecoder) yield return new($"{Where}: states", "there is no decoder beside an encoder", "take source: reader");
        if (Inversion is not null && States.Source == StateSource.Writer) yield return new($"{Where}: inversion", "what is inverted is the stack that reads", "take source: reader");
        if (Texts is not null) foreach (var problem in Materials.Tried(() => TaskData.Load(Texts))) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        var stage = (SimilarityStage)execution.Run.Stage;
        var examples = Chosen(stage.Texts!, execution.Tokenizer);
        using var first = execution.Needed(0);
        using var second = execution.Needed(1);
        execution.Doing("reading texts").Report(0);
        var (x, y) = (States.Of(first, examples, execution.Stop), States.Of(second, examples, execution.Stop));
        execution.Doing("comparing layers").Report(0);
        var grid = LayerGrid.Of(Layers(x), Layers(y));
        Record(execution, grid);
        if (Stir > 0) RecordStir(execution, grid, x, y);
        if (Inversion is not null) RecordInversion(execution, grid, examples, first, second);
        execution.Finish(folder => File.WriteAllText(Path.Combine(folder, "cka.csv"), Csv(grid)));
    }

    private PlannedRun? OtherOf(PlannedRun run, IReadOnlyList<PlannedRun> earlier) => Against switch
    {
        Against.Start => earlier.FirstOrDefault(other => run.Run.Needs.Contains(other.Id)),
        Against.FirstSeed => Beside(run, earlier, earlier.FirstOrDefault(other => Alike(run, other) && other.Run.Shape == run.Run.Shape && other.Seed != run.Seed)),
        _ => Beside(run, earlier, earlier.FirstOrDefault(other => Alike(run, other) && other.Run.Shape != run.Run.Shape && other.Seed == run.Seed)),
    };

    /// <summary>Of the runs of the other's shape and seed the one in the run's own place among those of its shape and seed: where a recipe trains a shape in several ways, each has its own other.</summary>
    private static PlannedRun? Beside(PlannedRun run, IReadOnlyList<PlannedRun> earlier, PlannedRun? other)
    {
        if (other is null) return null;
        PlannedRun[] Ways(PlannedRun one) => [.. earlier.Where(way => Alike(one, way) && way.Run.Shape == one.Run.Shape && way.Seed == one.Seed)];
        return Ways(other).ElementAtOrDefault(Array.FindIndex(Ways(run), way => way.Id == run.Id));
    }

    private static bool Alike(PlannedRun run, PlannedRun other) => (run.Stage, run.From, run.Task) == (other.Stage, other.From, other.Task);

    private string Told(PlannedRun run, PlannedRun other) => Against switch
    {
        Against.Start => $"{run.Stage} against {other.Stage}",
        Against.FirstSeed => string.Create(CultureInfo.InvariantCulture, $"{run.Stage} against seed {other.Seed}"),
        _ => $"{run.Stage} against {other.Shape}",
    };

    /// <summary>Texts of the task in the order of the file; which, where there are more than wanted, is the same for every model.</summary>
    private List<Example> Chosen(TextTask task, Tokenizer tokenizer)
    {
        var data = TaskData.Load(task);
        var all = data.Tokenize(data.Has(Split.Test) ? Split.Test : Split.Validation, tokenizer).Examples;
        return [.. RandomStream.For(0, "similarity").Permutation(all.Count).Take(Examples).Order().Select(i => all[i])];
    }

    private static Layer[] Layers(IReadOnlyList<Features> features) => [.. features.Select((layer, i) => new KnownLayer(i.ToString(CultureInfo.InvariantCulture), layer))];

    private static void Record(Execution execution, LayerGrid grid)
    {
        execution.Record("examples", 1, grid.Examples);
        foreach (var (i, row) in grid.Values.Index())
            foreach (var (j, cka) in row.Index())
            {
                Record(execution, $"cka/{i}/{j}", cka.Linear);
                Record(execution, $"unbiased/{i}/{j}", cka.Unbiased);
            }
    }

    private void RecordStir(Execution execution, LayerGrid grid, IReadOnlyList<Features> x, IReadOnlyList<Features> y)
    {
        for (var i = 0; i < x.Count; i++)
        {
            execution.Stop.ThrowIfCancellationRequested();
            var stir = Analysis.Similarity.Stir.Repeated(x[i], y[grid.Beside(i)], Stir, execution.Seed);
            Record(execution, $"stir/second-given-first/{i}", stir.SecondGivenFirst?.Mean);
            Record(execution, $"stir/first-given-second/{i}", stir.FirstGivenSecond?.Mean);
        }
    }

    private void RecordInversion(Execution execution, LayerGrid grid, List<Example> examples, LanguageModel first, LanguageModel second)
    {
        for (var i = 0; i < grid.First.Count; i++)
        {
            execution.Doing($"inverting layer {i}").Report((double)i / grid.First.Count);
            var (layer, other) = (i, grid.Beside(i));
            var forward = Inversion!.Stir(first, layer, second, other, examples, execution.Stop);
            var backward = Inversion.Stir(second, other, first, layer, examples, execution.Stop);
            Record(execution, $"inversion/second-given-first/{i}", forward.Value);
            Record(execution, $"inversion/first-given-second/{i}", backward.Value);
            Record(execution, $"inversion/residual/{i}", Math.Max(forward.Residual, backward.Residual));
        }
    }

    private static void Record(Execution execution, string name, double? value)
    {
        if (value is { } known) execution.Record(name, 1, known);
    }

    private static string Csv(LayerGrid grid) => "first,second,cka,unbiased\n" + string.Concat(grid.Values.SelectMany((row, i) => row.Select((cka, j) =>
        string.Create(CultureInfo.InvariantCulture, $"{i},{j},{cka.Linear:R},{cka.Unbiased:R}\n"))));
}
