using System.Text.Json;
using System.Text.Json.Serialization;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>What a worker process tells on its standard output, a line of JSON each: what it does, how far it is, how the run ended or what ends the whole study.</summary>
public sealed record WorkerMessage
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public long? StartedFrom { get; init; }

    public string? Doing { get; init; }

    public double? Share { get; init; }

    public RunProgress? Progress { get; init; }

    public RunState? Ended { get; init; }

    public string? Reason { get; init; }

    /// <summary>What no other run would survive either.</summary>
    public IReadOnlyList<Problem>? Fatal { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Null for a line that is no message: libraries print too.</summary>
    public static WorkerMessage? Read(string line)
    {
        try { return line.StartsWith('{') ? JsonSerializer.Deserialize<WorkerMessage>(line, Options) : null; }
        catch (JsonException) { return null; }
    }
}
