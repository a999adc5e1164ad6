using System.Text.Json;

namespace Allometry.Experiments;

/// <summary>What was foretold of a run before it was first tried, as the store keeps it; null where nothing was.</summary>
public sealed record RunPrediction(double? Seconds = null)
{
    public static RunPrediction Of(PlannedRun run, Pace? pace) => new(pace?.Seconds(run));

    public static RunPrediction FromJson(string json) => JsonSerializer.Deserialize<RunPrediction>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);
}
