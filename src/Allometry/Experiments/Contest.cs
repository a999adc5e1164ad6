using Allometry.Analysis;
using Allometry.Analysis.Stopping;
using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>
/// The pre-trainings of a plan while a stopping rule decides which of them go on. All of it follows from the store: what a killed process has decided is decided again in the same way.
/// </summary>
public sealed class Contest
{
    private readonly StoppingRule rule;
    private readonly StudyStore store;
    private readonly List<Entrant> entrants;
    private readonly HashSet<string> pilots, lost = [];
    private int decided;

    private Contest(StoppingRule rule, StudyStore store, List<Entrant> entrants) =>
        (this.rule, this.store, this.entrants, pilots) = (rule, store, entrants, Pilots(rule, entrants));

    /// <summary>Null where the recipe stops nothing early, or the plan is a naive one.</summary>
    public static Contest? Of(Plan plan, StudyStore store)
    {
        if (plan.Recipe.Stopping is not { } rule || plan.Naive) return null;
        var costs = CostsOf(plan.Recipe);
        var runs = plan.Runs.ToDictionary(run => run.Id);
        var contested = plan.Runs.Where(run => run.Stage == StudyRun.Pretraining).DistinctBy(run => (run.Shape, run.Seed));
        return new(rule, store, [.. contested.Select(run => new Entrant(run, run.Branch is { } branch ? runs[branch.Trunk] : null, costs(run), [.. rule.Rungs.Select(share => Rung(run, share))]))]);
    }

    /// <summary>The step of a share of a run.</summary>
    public static long Rung(PlannedRun run, double share) => Math.Clamp((long)Math.Round(share * run.Workload.Steps), 1, run.Workload.Steps);

    /// <summary>Whether a run has to be done before those that wait for a decision can go on.</summary>
    public bool ComesFirst(PlannedRun run) => Of(run) is { } entrant && pilots.Contains(entrant.Run.Shape);

    /// <summary>Whether nothing has to be decided before a run starts.</summary>
    public bool MayStart(PlannedRun run) => Of(run) is not { } entrant || pilots.Contains(entrant.Run.Shape) || Reached(entrant) <= decided;

    /// <summary>The run, to be paused at the next decision.</summary>
    public PlannedRun Next(PlannedRun run)
    {
        if (Of(run) is not { } entrant || pilots.Contains(entrant.Run.Shape) || decided == rule.Rungs.Count) return run with { Until = null };
        var rung = entrant.Rungs[decided];
        return run with { Until = rung < run.Workload.Steps && entrant.Carrier(rung).Id == run.Id ? rung : null };
    }

    /// <summary>What is decided now, rung by rung, as far as all have got; <paramref name="isOut"/> says which runs have dropped out otherwise.</summary>
    public IEnumerable<(PlannedRun Run, string Reason)> Decide(Func<PlannedRun, bool> isOut)
    {
        for (; decided < rule.Rungs.Count; decided++)
        {
            var inIt = entrants.Where(one => !lost.Contains(one.Run.Shape) && !one.Runs.Any(isOut)).ToList();
            if (!inIt.All(one => pilots.Contains(one.Run.Shape) ? IsDone(one.Run) : Reached(one) > decided)) yield break;
            foreach (var (name, reason) in rule.Decide([.. inIt.GroupBy(one => one.Run.Shape).Select(shape => Contender(shape.Key, [.. shape]))]))
            {
                lost.Add(name);
                foreach (var run in inIt.Where(one => one.Run.Shape == name).SelectMany(one => one.Runs)) yield return (run, reason);
            }
        }
    }

    /// <summary>The problems of a rule with a plan.</summary>
    public static IEnumerable<Kinds.Problem> Problems(Plan plan)
    {
        if (plan.Recipe.Stopping is not { } rule) yield break;
        var runs = plan.Runs.Where(run => run.Stage == StudyRun.Pretraining).ToList();
        if (runs.Count == 0) yield return new("stopping", "there is no pre-training to stop", "leave it out, or add a stage { kind: pretrain, ... }");
        if (rule.Rungs.Count == 0 || rule.Rungs.Any(share => share is <= 0 or >= 1) || !rule.Rungs.SequenceEqual(rule.Rungs.Distinct().Order()))
            yield return new("stopping: rungs", "they are no rising shares of a run", "write such as [0.3, 0.6]");
        else if (runs.Find(run => Points(run, rule.Rungs[0]) < rule.FewestPoints) is { } sparse)
            yield return new("stopping: rungs", $"{sparse} measures {Points(sparse, rule.Rungs[0])} held-out losses before its first rung, and {rule.FewestPoints} are needed", "let the pre-training measure more often (validate-every), or decide later");
        if (rule.PilotCount > 0 && runs.Select(run => run.Shape).Distinct().Count() <= rule.PilotCount)
            yield return new("stopping: pilots", $"with {rule.PilotCount} pilots no shape is left to stop", "take fewer pilots, or leave stopping out");
    }

    private static int Points(PlannedRun run, double share) =>
        Enumerable.Range(1, (int)Rung(run, share)).Count(step => run.Run.Stage.Measures(PretrainStage.HeldOut, step, run.Workload.Steps));

    private static HashSet<string> Pilots(StoppingRule rule, List<Entrant> entrants)
    {
        var byCost = entrants.Select(one => one.Run).DistinctBy(run => run.Shape).OrderBy(run => run.Workload.TrainingFlops).ThenBy(run => run.Shape, StringComparer.Ordinal).Select(run => run.Shape).ToList();
        var count = Math.Min(rule.PilotCount, byCost.Count);
        return [.. Enumerable.Range(0, count).Select(i => byCost[(int)((i + 0.5) * byCost.Count / count)])];
    }

    /// <summary>What arithmetic knows of the costs that are compared; times are those of an assumed machine, so that no decision depends on a clock.</summary>
    private static Func<PlannedRun, IReadOnlyList<double>> CostsOf(Recipe recipe)
    {
        var pace = Pace.Assumed(1);
        var names = recipe.Compare?.Cost ?? CostAxis.Usual;
        return run => [.. names.Select(name => name switch
        {
            "parameters" => run.Workload.Parameters,
            "active-parameters" => run.Workload.ActiveParameters,
            "non-embedding-parameters" => run.Workload.NonEmbeddingParameters,
            "training-flops" => run.Workload.TrainingFlops,
            "forward-flops" => run.Workload.ForwardFlops,
            "memory" or "peak-memory" => run.Workload.MemoryBytes,
            "seconds" => pace.Seconds(run),
            _ => pace.Seconds(run) / run.Workload.Tokens,
        })];
    }

    private Entrant? Of(PlannedRun run) => entrants.Find(one => one.Runs.Any(own => own.Id == run.Id));

    /// <summary>How many rungs an entrant has come to.</summary>
    private int Reached(Entrant entrant)
    {
        var step = entrant.Runs.Max(run => IsDone(run) ? run.Workload.Steps : Execution.FirstStep(store, run.Id));
        return entrant.Rungs.Count(rung => rung <= step);
    }

    private bool IsDone(PlannedRun run) => store.StateOf(run.Id).State == RunState.Done;

    private Contender Contender(string name, IReadOnlyList<Entrant> seeds) => new(name, seeds[0].Costs, [.. seeds.Select(Unfinished)]);

    private UnfinishedRun Unfinished(Entrant entrant)
    {
        var curve = entrant.Runs.SelectMany(run => store.Measurements(run.Id)).Where(m => m.Name == PretrainStage.HeldOut).DistinctBy(m => m.Step).OrderBy(m => m.Step).ToList();
        return new(
            [.. curve.Where(m => m.Step <= entrant.Rungs[decided]).Select(m => (m.Step, m.Value))], entrant.Run.Workload.Steps,
            pilots.Contains(entrant.Run.Shape) && IsDone(entrant.Run) ? curve[^1].Value : null);
    }

    /// <summary>One pre-training, with the trunk that makes its first steps.</summary>
    private sealed record Entrant(PlannedRun Run, PlannedRun? Trunk, IReadOnlyList<double> Costs, IReadOnlyList<long> Rungs)
    {
        /// <summary>The trunk's measurements stand first: it has those of all lengths, so the curve is the same before and after the run itself has begun.</summary>
        public IReadOnlyList<PlannedRun> Runs { get; } = Trunk is null ? [Run] : [Trunk, Run];

        /// <summary>The run that makes a step.</summary>
        public PlannedRun Carrier(long step) => Trunk is not null && step <= Trunk.Workload.Steps ? Trunk : Run;
    }
}
