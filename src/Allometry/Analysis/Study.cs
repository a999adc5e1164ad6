namespace Allometry.Analysis;

/// <summary>One study as it stands: what was asked, what ran, what was measured. Every report is a pure function of it.</summary>
public sealed record Study(
    string Name,
    string RecipeYaml,
    StudyEnvironment Environment,
    IReadOnlyList<StudyRun> Runs,
    IReadOnlyList<string> QualityNames,
    IReadOnlyList<string> CostNames,
    DateTimeOffset Created)
{
    /// <summary>The recipe as it was before it was changed, first form first: runs of these that have come to their ends are part of the study.</summary>
    public IReadOnlyList<string> EarlierRecipes { get; init; } = [];

    /// <summary>The shape to which the others are held; null: none.</summary>
    public string? Baseline { get; init; }

    /// <summary>
    /// What is compared, in the recipe's order: shapes, and where a shape was trained in several ways each of them by itself. Shapes that a setting was only tried on are none of the study's.
    /// </summary>
    public IEnumerable<string> Shapes()
    {
        var stage = CostStage();
        var names = Runs.Where(run => run.Stage != StudyRun.Sweep).GroupBy(run => run.Shape)
            .SelectMany(shape => shape.Select(run => run.Stage == stage || (run.IsFineTuning && (run.From == Start() || run.From == Control())) ? run.Name : run.Shape).Distinct()).ToArray();
        return names.Where(name => !names.Any(other => StudyRun.IsShared(name, other)));
    }

    /// <summary>The runs of what is called this, with those that it shares with others.</summary>
    public IEnumerable<StudyRun> RunsOf(string name) => Runs.Where(run => run.Leads(name));

    /// <summary>Every "task/metric" that any run has a number for, in the order of the runs.</summary>
    public IEnumerable<string> Measures() => Runs.SelectMany(run => run.Measures()).Distinct();

    /// <summary>What the fine-tunings that are compared start from: pretrain, or scratch in a study without pre-training.</summary>
    public string Start() => Runs.Any(run => run.IsFineTuning && run.From == "pretrain") ? "pretrain" : "scratch";

    /// <summary>What the controls start from; null where there are none.</summary>
    public string? Control() => Start() == "scratch" ? null : "scratch";

    /// <summary>Whether pre-trainings predict different things, so that their own held-out losses cannot be compared.</summary>
    public bool HasSeveralObjectives() => Runs.Where(run => run.Stage == StudyRun.Pretraining).Select(run => run.Facts.Objective).Distinct().Count() > 1;

    /// <summary>The stage whose compute and time are the cost of a shape.</summary>
    public string CostStage() => Runs.Any(run => run.Stage == StudyRun.Pretraining) ? StudyRun.Pretraining : StudyRun.FineTuning;

    /// <summary>The trainings whose models a run began with, each once, the last first.</summary>
    public IReadOnlyList<StudyRun> Before(StudyRun run)
    {
        var byId = Runs.ToDictionary(other => other.Id);
        IEnumerable<StudyRun> Of(StudyRun one) => one.Needs.Select(byId.GetValueOrDefault).OfType<StudyRun>().SelectMany(need => Of(need).Prepend(need));
        return [.. Of(run).DistinctBy(other => other.Id)];
    }

    /// <summary>The same study with its grown models as shapes of their own, whose training is their whole chain of trainings.</summary>
    public Study WithGrown() => this with { Runs = [.. Runs, .. Runs.Where(run => run.Stage == StudyRun.Grown).SelectMany(Whole)] };

    private IEnumerable<StudyRun> Whole(StudyRun grown)
    {
        var (name, before) = ($"{grown.Shape} grown by {grown.From}", Before(grown));
        yield return grown with
        {
            Id = $"{grown.Id} with all before it",
            Stage = StudyRun.Pretraining,
            Shape = name,
            From = "",
            Facts = grown.Facts with { TrainingFlops = grown.Facts.TrainingFlops + before.Sum(run => run.Facts.TrainingFlops) },
            MeasuredSeconds = grown.MeasuredSeconds + before.Sum(run => run.MeasuredSeconds ?? double.NaN),
        };
        foreach (var tuned in Runs.Where(run => run.IsFineTuning && run.From == StudyRun.Grown && run.Needs.Contains(grown.Id)))
            yield return tuned with { Id = $"{tuned.Id} with all before it", Shape = name, From = StudyRun.Pretraining };
    }

    public int Seeds() => Runs.Select(run => run.Seed).Distinct().Count();
}
