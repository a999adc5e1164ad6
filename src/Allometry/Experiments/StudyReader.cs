using System.Globalization;
using Allometry.Analysis;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>The study that a store holds, as every report reads it; needs neither the recipe's data nor libtorch.</summary>
public static class StudyReader
{
    public static Study Read(StudyStore store) => Read(store, store.Measurements);

    /// <summary>With these measurements of each run alone: where the last of each name are enough, a study of millions of them is read soon.</summary>
    public static Study Read(StudyStore store, Func<string, IReadOnlyList<Measurement>> measured)
    {
        var pace = PaceOf(store);
        var (stored, records) = (store.Current(), new Dictionary<string, RunRecord>());
        foreach (var run in stored) records.Add(run.Id, RunRecord.FromJson(run.Description));
        var arms = Arms.Of(records);
        List<StudyRun> runs = [.. stored.Select(run => RunOf(store, run, measured(run.Id), pace) with { Arm = arms[run.Id] })];
        return new(
            store.Fact("name") ?? Path.GetFileName(store.Folder), store.Fact("recipe") ?? "", EnvironmentOf(store), runs,
            Names(store, "quality", runs.Where(run => run.IsFineTuning).Select(run => run.Task!).Distinct()), Names(store, "cost", CostAxis.Usual),
            DateTimeOffset.Parse(store.Fact("created") ?? "1970-01-01", CultureInfo.InvariantCulture))
        {
            EarlierRecipes = StudyFacts.EarlierRecipes(store),
            Baseline = store.Fact("baseline") is { Length: > 0 } baseline ? baseline : null,
        };
    }

    /// <summary>One run by itself.</summary>
    public static StudyRun RunOf(StudyStore store, StoredRun run, IReadOnlyList<Measurement> measured) => RunOf(store, run, measured, PaceOf(store));

    private static Pace PaceOf(StudyStore store) => store.Fact("pace") is { } kept ? StoredJson.Read<Pace>(kept, "the pace in the store", "restore the store from a copy") : Pace.Assumed(2);

    private static StudyEnvironment EnvironmentOf(StudyStore store)
    {
        string Fact(string name) => store.Fact(name) ?? "unknown";
        // Those that have done runs, in the order in which they came: the one that looks now may be another one.
        List<Machine> made = [.. store.Machines().Select(Machine.FromJson).OfType<Machine>()];
        string Of(string name, Func<Machine, string> figure) => made.Count > 0 ? string.Join("; ", made.Select(figure).Distinct()) : Fact(name);
        return new(
            Of("machine", one => one.ToString()), Of("commit", one => one.Commit), Of("version", one => one.Version),
            int.TryParse(Fact("threads"), CultureInfo.InvariantCulture, out var threads) ? threads : 0, Fact("command"), Of("platform", one => one.Platform));
    }

    private static IReadOnlyList<string> Names(StudyStore store, string fact, IEnumerable<string> otherwise) =>
        store.Fact(fact) is { Length: > 0 } names ? names.Split('\n') : [.. otherwise];

    private static StudyRun RunOf(StudyStore store, StoredRun stored, IReadOnlyList<Measurement> measured, Pace pace)
    {
        var (id, run) = (stored.Id, RunRecord.FromJson(stored.Description));
        var (state, reason) = store.StateOf(id);
        var byName = measured.GroupBy(m => m.Name).ToDictionary(group => group.Key, group => group.ToList());
        var results = byName.Where(pair => pair.Key != "loss").ToDictionary(pair => pair.Key, pair => pair.Value[^1].Value);
        var curves = byName.Where(pair => pair.Value.Count > 1).ToDictionary(pair => pair.Key, pair => Curve(pair.Value));
        return new(
            id, run.Stage, run.Shape, StartOf(run), run.Task, run.Seed, Word(state), reason, FactsOf(run, results.GetValueOrDefault("peak-memory")),
            RunPrediction.FromJson(stored.Prediction).Seconds ?? pace.Seconds(run.Workload), results.TryGetValue("seconds", out var seconds) ? seconds : null, results, curves)
        {
            Own = OwnOf(run, byName.GetValueOrDefault("loss") ?? [], state == RunState.Done ? seconds : null),
            LooksBack = LooksBack(run),
            Setting = SettingOf(id, run),
            Needs = [.. (run.Run?["needs"]?.AsArray() ?? []).Select(need => need!.GetValue<string>())],
        };
    }

    // Older stores say behind a comma how a model was adapted, which is its arm's to say; what stands there of a growth tells it from others.
    private static string StartOf(RunRecord run) => run.Stage == StudyRun.Grown ? run.From : run.From.Split(", ")[0];

    /// <summary>Its steps from where it branched to where it came; of a run that ended all of them.</summary>
    private static OwnWork OwnOf(RunRecord run, List<Measurement> losses, double? seconds)
    {
        var before = losses.LastOrDefault(m => m.Step <= run.BranchStep)?.Seconds ?? 0;
        if (seconds is { } whole) return new(run.Workload.TrainingFlops - (run.BranchStep * run.Workload.StepFlops), whole - before);
        return losses is [.., var last] && last.Step > run.BranchStep ? new((last.Step - run.BranchStep) * run.Workload.StepFlops, last.Seconds - before) : new(0, 0);
    }

    private static bool LooksBack(RunRecord run) => run.LooksBack ?? run.Stage is StudyRun.Robustness or StudyRun.Similarity;

    private static double SettingOf(string id, RunRecord run) => run is { Stage: StudyRun.Sweep, Run: not null } && run.Planned(id).Run.Stage is TrainingStage stage ? stage.LearningRate : double.NaN;

    /// <summary>In the words of the report: what was interrupted, paused or skipped still waits.</summary>
    private static string Word(RunState state) => state switch
    {
        RunState.Done => "done",
        RunState.Failed => "failed",
        RunState.Running => "running",
        RunState.Stopped => StudyRun.Stopped,
        _ => "waiting",
    };

    private static ShapeFacts FactsOf(RunRecord run, double memory) => new(
        run.Dimensions, run.Workload.Parameters, run.Workload.NonEmbeddingParameters, run.Workload.ForwardFlops, run.Workload.TrainingFlops, memory, run.Workload.MemoryBytes)
    {
        ActiveParameters = run.Workload.ActiveParameters,
        PreparationFlops = run.Workload.Extras.PreparationFlops,
        Architecture = run.Run?["architecture"]?.ToJsonString() ?? "",
        Objective = run.Run?["stage"]?["objective"]?.ToJsonString() ?? "",
    };

    private static IReadOnlyList<CurvePoint> Curve(List<Measurement> points) => [.. points.Select(m => new CurvePoint(m.Step, m.Tokens, m.Seconds, m.Value))];
}
