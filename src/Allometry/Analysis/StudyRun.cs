namespace Allometry.Analysis;

/// <summary>One run: one stage of one shape with one seed.</summary>
/// <param name="Stage">pretrain or fine-tune.</param>
/// <param name="From">What a fine-tuning started from: pretrain or scratch; empty for pre-training.</param>
/// <param name="State">done, failed, waiting or running.</param>
/// <param name="Reason">Why it failed or was skipped.</param>
/// <param name="Results">Final numbers by name: "validation-loss" (nats a token), "tokens-per-second", and for a task "tag/accuracy", "tag/majority", "tag/chance".</param>
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
    IReadOnlyDictionary<string, IReadOnlyList<CurvePoint>> Curves);
