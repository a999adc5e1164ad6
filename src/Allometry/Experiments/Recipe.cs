using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Analysis.Stopping;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Text;

namespace Allometry.Experiments;

/// <summary>A study as a person writes it: shapes, what each goes through, and how often.</summary>
public sealed record Recipe(
    [Description("Name of the study, and of its folder where none is given.")] string Name,
    [Description("The family that shapes belong to which name none themselves.")] Architecture Architecture,
    [Description("How text becomes numbers.")] Vocabulary Vocabulary,
    [Description("The shapes to compare: names, or sizes written out.")] IReadOnlyList<Shape> Shapes,
    [Description("What every shape goes through, in order.")] IReadOnlyList<Stage> Protocol,
    [Description("Text to pre-train on.")] Corpus? Corpus = null,
    [Description("One repetition of the whole protocol each.")] IReadOnlyList<long>? Seeds = null,
    [Description("Threads of a run; where left out 1 for shapes of less than 20 million parameters beside the embeddings, more for larger ones. Another number changes the last bits, so it makes other runs.")] int? Threads = null,
    [Description("What the report sets against what.")] Comparison? Compare = null,
    [Description("Architectures of shapes that have one of their own, by the shape's name; mostly written in the shape itself, as its 'architecture', where what is left out is as in the study's.")]
    IReadOnlyDictionary<string, Architecture>? Architectures = null,
    [Description("Which shapes are given up early since they cannot come to the frontier; none where left out.")] StoppingRule? Stopping = null,
    [Description("Of the operands of matrix products: float32, or bfloat16 where the processor has units for it. All else is float32.")] Precision Precision = Precision.Float32,
    [Description("Processes that compute each run together, started by mpirun or srun --mpi=pmix. Another number changes the last bits, so it makes other runs."), Range(1, 4096)] int? Ranks = null) : IReadable<Recipe>
{
    static Recipe? IReadable<Recipe>.FromNode(Node node, ReadContext context) => context.ReadMembers<Recipe>(OwnArchitectures.Lifted(node.AsLists("shapes", "protocol", "seeds"), context));

    /// <summary>The architecture of a shape: its own, or the study's.</summary>
    public Architecture ArchitectureOf(Shape shape) => Architectures?.GetValueOrDefault(ShapeName.Of(shape)) ?? Architecture;

    /// <summary>The recipe as a stage sees it: with the shapes that it has to do with.</summary>
    internal Recipe For(Stage stage) => stage.Concerned(Shapes).ToArray() is { Length: > 0 } concerned ? this with { Shapes = concerned } : this;

    /// <summary>Whether a shape goes through a stage, and no other stage spares it that.</summary>
    internal bool Meets(Stage stage, Shape shape, Before before) => stage.Takes(shape) && (before.Naive || before.Smaller is null || !Protocol.Any(other => other.Spares(stage)));

    /// <summary>Whether every shape can write a target of any length.</summary>
    public bool Writes => Shapes.All(shape => ArchitectureOf(shape).Writes);

    /// <summary>The vocabulary, made for the corpus where it depends on one and names none itself.</summary>
    public Vocabulary VocabularyInUse => Corpus is null ? Vocabulary : Vocabulary.Over(Corpus);

    /// <summary>
    /// The runs, pure: <paramref name="vocabularySize"/> is the size of the embedding table that the vocabulary needs,
    /// <paramref name="fingerprint"/> says what a data file holds.
    /// </summary>
    public Plan Expand(Numerics numerics, int vocabularySize, Func<string, string> fingerprint, bool naive = false) => Expand(_ => numerics, vocabularySize, fingerprint, naive);

    /// <summary>The runs where each shape, which has its vocabulary, is computed in its own way; a naive plan spares nothing.</summary>
    public Plan Expand(Func<Shape, Numerics> numerics, int vocabularySize, Func<string, string> fingerprint, bool naive = false)
    {
        List<PlannedRun> runs = [];
        foreach (var seed in Seeds ?? [1])
        {
            var before = new Before(run => run.Id(fingerprint), naive);
            foreach (var (number, shape) in Shapes.Index())
            {
                var sized = shape with { Vocabulary = vocabularySize };
                var draft = new Run(Protocol[0], ArchitectureOf(shape), sized, VocabularyInUse, Corpus, new(seed, numerics(sized)), []);
                before = Expand(draft, before with { Models = [], Student = null, Smaller = number > 0 ? before.Models : null }, runs);
            }
        }
        var planned = runs.DistinctBy(run => run.Id).ToList();
        var arms = Arms.Of(planned.ToDictionary(run => run.Id, RunRecord.Of));
        return new(this, [.. planned.Select(run => run with { Arm = arms[run.Id] })], naive);
    }

    /// <summary>Adds the runs of one shape and seed, and returns what is there for those after them.</summary>
    private Before Expand(Run draft, Before before, List<PlannedRun> runs)
    {
        foreach (var stage in Protocol.Where(stage => Meets(stage, draft.Shape, before)))
        {
            var start = before;
            // Who else goes through a stage is no part of a run.
            foreach (var one in (stage with { Only = null }).Expand(draft, start with { Earlier = [.. runs] }).ToList())
            {
                var planned = Planned(one, start.IdOf(one.Run));
                if (stage.MakesStartingPoint && one.Role is null) before = start with { Models = [.. start.Models, (stage, planned.Id)] };
                if (stage.Taught is { } taught) before = before with { Student = (planned.Id, taught) };
                runs.Add(planned);
            }
        }
        return before;
    }

    private static PlannedRun Planned(RunDraft draft, string id)
    {
        var run = draft.Run;
        return new(id, run, draft.Role ?? Catalogue.NameOf(run.Stage), run.Shape.Name ?? ShapeName.Of(run.Shape), run.Stage.FromWord, run.Stage.TaskName, run.Stage.Count(run)) { Branch = draft.Branch };
    }
}
