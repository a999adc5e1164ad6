namespace Allometry.Analysis;

/// <summary>One run: one stage of one shape with one seed.</summary>
/// <param name="Stage">pretrain, fine-tune, or another kind of stage; horizon for a pre-training to another length.</param>
/// <param name="From">What a fine-tuning started from: pretrain or scratch; empty for pre-training.</param>
/// <param name="State">done, failed, waiting, running, or stopped (given up early, since it could not win): only done ones count.</param>
/// <param name="Reason">Why it failed, was skipped or was stopped.</param>
/// <param name="Results">
/// Final numbers by name: "validation-loss" (nats a target token), "tokens-per-second", "examples-per-second", "padding" (share of the tokens computed), and for a task each metric ("tag/accuracy")
/// and its baselines ("tag/accuracy/majority" of always saying the commonest target, "tag/chance" of guessing labels), and "tag/examples", how many it was scored on, with "tag/learnt", 1 or 0, where a run is scored on what it has not learnt too. A mixture has those of each of its tasks, and "glue/average".
/// </param>
/// <param name="Curves">Measurements along the way, by name: "loss" and "validation-loss" (nats a token).</param>
public sealed record StudyRun(
    string Id,
    string Stage,
    string Shape,
    string From,
    string? Task,
    long Seed,
    string State,
    string? Reason,
    ShapeFacts Facts,
    double PredictedSeconds,
    double? MeasuredSeconds,
    IReadOnlyDictionary<string, double> Results,
    IReadOnlyDictionary<string, IReadOnlyList<CurvePoint>> Curves)
{
    /// <summary>The runs whose models it began with.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public const string Pretraining = "pretrain";
    public const string FineTuning = "fine-tune";

    /// <summary>Stages that look back at finished models.</summary>
    public const string Robustness = "robustness", Similarity = "similarity";

    /// <summary>What names of measurements of layers begin with: "layers/encoder.3/entropy".</summary>
    public const string Layers = "layers/";

    /// <summary>A pre-training of another length beside the one whose model is compared.</summary>
    public const string Horizon = "horizon";

    /// <summary>A try of a setting on a small shape.</summary>
    public const string Sweep = "sweep";

    /// <summary>A training that began as a grown smaller model.</summary>
    public const string Grown = "grow";

    /// <summary>The steps that several pre-trainings share.</summary>
    public const string Trunk = "trunk";

    /// <summary>The result that says how many parameters a task changed, where that is not all of them.</summary>
    public const string TrainedParameters = "trained-parameters";

    private static readonly string[] NotMetrics = [TrainedParameters, "majority", "chance", "examples", "out-of-labels", "learnt", "truncated", "seconds"];

    public const string Stopped = "stopped";

    /// <summary>Tokens up to its last measurement, inputs and targets, padding included; not a number where nothing was measured.</summary>
    public double TokensSeen => Curves.Values.Where(curve => curve.Count > 0).Select(curve => curve[^1].Tokens).DefaultIfEmpty(double.NaN).Max();

    /// <summary>What it did itself; all of it where it is done and nothing else is known.</summary>
    public OwnWork Own { get => field ?? (IsDone ? new(Facts.TrainingFlops, MeasuredSeconds ?? 0) : new(0, 0)); init; }

    private const string Separator = " · ";

    /// <summary>What tells it apart from other runs of its stage, shape and task, after what tells apart the runs that it started from; empty where one recipe's line made it.</summary>
    public IReadOnlyList<string> Arm { get; init; } = [];

    /// <summary>The shape, and what tells it apart: what reports compare.</summary>
    public string Name => NameOf(Shape, Arm);

    public static string NameOf(string shape, IReadOnlyList<string> arm) => string.Join(Separator, [shape, .. arm]);

    /// <summary>Whether it is a run of what is called this, or one that several such share.</summary>
    public bool Leads(string name) => name == Name || IsShared(Name, name);

    /// <summary>Whether what is called <paramref name="name"/> is what several such as <paramref name="other"/> share.</summary>
    public static bool IsShared(string name, string other) => other.StartsWith(name + Separator, StringComparison.Ordinal);

    public bool IsDone => State == "done";

    /// <summary>Given up early, since it could not win: no failure.</summary>
    public bool IsStopped => State == Stopped;

    /// <summary>Whether it trains for tasks and is scored on them, whatever its stage is called.</summary>
    public bool IsFineTuning => Task is not null && !LooksBack;

    /// <summary>Whether it looks back at finished models and trains none.</summary>
    public bool LooksBack { get; init; }

    /// <summary>The setting that a try of a sweep tries; NaN of all other runs.</summary>
    public double Setting { get; init; } = double.NaN;

    /// <summary>NaN where the run is not done or has no such number.</summary>
    public double Result(string name) => IsDone ? Results.GetValueOrDefault(name, double.NaN) : double.NaN;

    /// <summary>The metrics of its task, and of every task of a mixture, by full name ("tag/accuracy"); baselines and other splits ("tag/validation/accuracy") left out.</summary>
    public IEnumerable<string> Measures() => Results.Keys.Where(IsMeasure).Order(StringComparer.Ordinal);

    // Whatever is scored says on how many examples.
    private bool IsMeasure(string name) => Task is not null && name.Split('/') is [var task, var metric] && !NotMetrics.Contains(metric)
        && (task == Task || Results.ContainsKey($"{task}/examples"));
}
