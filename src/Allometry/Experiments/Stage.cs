using System.ComponentModel;
using Allometry.Analysis;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;

namespace Allometry.Experiments;

/// <summary>
/// One step of a protocol. It says which runs it means for a shape and a seed, what each will take, what stands in its way, and executes one.
/// Its parameters are part of a run's identity.
/// </summary>
public abstract record Stage
{
    [Description("Names of the shapes that go through this stage, in brackets; all shapes where left out.")]
    public IReadOnlyList<string>? Only { get; init; }

    [Description("What reports call its runs, and those that start from them, where others of its kind stand beside them; what differs between them where left out. No part of a run's identity.")]
    public string? Arm { get; init; }

    /// <summary>Whether a shape goes through this stage.</summary>
    internal bool Takes(Shape shape) => Only?.Contains(ShapeName.Of(shape)) != false;

    /// <summary>The shapes that this stage has to do with.</summary>
    internal virtual IEnumerable<Shape> Concerned(IReadOnlyList<Shape> shapes) => shapes.Where(Takes);

    /// <summary>Whether the stages after this one may start from its model.</summary>
    public virtual bool MakesStartingPoint => false;

    /// <summary>The architecture of a model that it teaches beside the one from which the stages after it go on; null: it teaches none.</summary>
    public virtual Architecture? Taught => null;

    /// <summary>Whether it looks back at finished models: it trains none that could be compared.</summary>
    public virtual bool LooksBack => false;

    /// <summary>The tasks that a run of this stage is scored on; none where it is scored on nothing.</summary>
    public virtual IReadOnlyList<TextTask> ScoredOn => [];

    /// <summary>What a run of this stage starts from, in the words of the recipe; empty where there is no choice.</summary>
    public virtual string FromWord => "";

    /// <summary>What it is to start from, for each of which it has runs where a shape has such a model (<see cref="Before.Starts"/>); null: whatever stands before it.</summary>
    public virtual IReadOnlyList<Origin>? StartsFrom => null;

    /// <summary>The task of a run of this stage, or null.</summary>
    public virtual string? TaskName => null;

    /// <summary>
    /// The runs of this stage. <paramref name="draft"/> holds all that the stage does not decide; <paramref name="before"/> is the run of the
    /// same shape and seed whose model may be started from. A stage that must know more of what stands before it overrides one of the others instead.
    /// </summary>
    public virtual IEnumerable<Run> Expand(Run draft, string? before) => [];

    /// <summary>The runs of this stage and those that they share work with, each after those that it needs; without such work, and in a naive plan, they are those of the other Expand.</summary>
    public virtual IEnumerable<RunDraft> Expand(Run draft, Before before) => Expand(draft, before.Last, before.Earlier).Select(run => new RunDraft(run));

    /// <summary>Whether shapes that have a smaller one before them need not go through another stage, because of this one.</summary>
    public virtual bool Spares(Stage stage) => false;

    /// <summary>Whether a run of so many steps measures this after a step; of losses at most a thousand are kept.</summary>
    public virtual bool Measures(string name, long step, long steps) => (name switch
    {
        "loss" => 1000,
        StudyRun.Layers => 50,
        _ => 0,
    }) is > 0 and var times && (step % Math.Max(1, steps / times) == 0 || step == steps);

    /// <summary>The same for a stage that looks back: <paramref name="earlier"/> are all runs before it, those of earlier shapes and seeds among them, in the order of the plan.</summary>
    public virtual IEnumerable<Run> Expand(Run draft, string? before, IReadOnlyList<PlannedRun> earlier) => Expand(draft, before);

    /// <summary>What a run of this stage will take, by arithmetic.</summary>
    public abstract Workload Count(Run run);

    /// <summary>What its data let a run take, by looking at them; null where that is what <see cref="Count"/> says. Needs no libtorch.</summary>
    public virtual WorkloadSeen? Look(Run run, Materials materials) => null;

    /// <summary>
    /// What stands in the way of the runs of this stage, whose data files are located; all of it. The tokenizer is missing where the
    /// vocabulary cannot be read, which has been told.
    /// </summary>
    public virtual IEnumerable<Problem> Problems(Recipe recipe, Materials materials) => [];

    /// <summary>
    /// Makes what a run whose stage this is reads and keeps it in the cache, so that a damaged or too short text is an InputException before anything is spent.
    /// </summary>
    public virtual void Prepare(Run run, Desk desk) { }

    /// <summary>Executes a run whose stage this is, its data files where they really are.</summary>
    public abstract void Execute(Execution execution);
}
