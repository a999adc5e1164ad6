using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Kinds;

namespace Allometry.Experiments;

/// <summary>What the store keeps of a planned run, as JSON: enough for a report without the recipe, its data or libtorch.</summary>
public sealed record RunRecord(
    string Stage, string Shape, string From, string? Task, long Seed, IReadOnlyDictionary<string, int> Dimensions, Workload Workload, JsonNode? Run)
{
    /// <summary>The step to which another run trains for it; 0 where it does all by itself, and in stores that do not say.</summary>
    public long BranchStep { get; init; }

    /// <summary>Whether its stage looks back at finished models; null in stores that were made before stages said so.</summary>
    public bool? LooksBack { get; init; }

    public static RunRecord Of(PlannedRun planned) => new(
        planned.Stage, planned.Shape, planned.From, planned.Task, planned.Seed, DimensionsOf(planned.Run.Shape), planned.Workload, Canonical.Node(planned.Run))
    {
        BranchStep = planned.Branch?.Step ?? 0,
        LooksBack = planned.Run.Stage.LooksBack,
    };

    /// <summary>A damaged record is an <see cref="InputException"/>.</summary>
    public static RunRecord FromJson(string json) =>
        StoredJson.Read<RunRecord>(json, "the record of a run in the store", "restore the store from a copy, or run the recipe again with another --store");

    /// <summary>The run as it was planned; its data files where the recipe says.</summary>
    public PlannedRun Planned(string id) => new(id, Canonical.Parse<Run>(Run!.ToJsonString(), $"run {id}"), Stage, Shape, From, Task, Workload);

    public string ToJson() => JsonSerializer.Serialize(this);

    private static Dictionary<string, int> DimensionsOf(Models.Shape shape) => new()
    {
        ["model-width"] = shape.ModelWidth,
        ["feed-forward-width"] = shape.FeedForwardWidth,
        ["head-width"] = shape.HeadWidth,
        ["heads"] = shape.Heads,
        ["encoder-layers"] = shape.EncoderLayers,
        ["decoder-layers"] = shape.DecoderLayers,
        ["vocabulary"] = shape.Vocabulary,
    };
}
