using System.Text.Json;

namespace Allometry.Experiments;

/// <summary>How fast a machine trains with one run and with several side by side, as measured.</summary>
/// <param name="Key">What the measurement holds for: this machine and this version of the program.</param>
/// <param name="Threads">Threads of each run.</param>
/// <param name="Paces">The pace of one run by how many go side by side, from one upwards.</param>
public sealed record MachinePace(string Key, int Threads, DateTimeOffset Taken, IReadOnlyList<PaceBeside> Paces)
{
    /// <summary>What throughput may differ by and still count as the same: fewer runs side by side then need less memory.</summary>
    private const double Same = 0.03;

    /// <summary>The numbers of runs side by side that are tried: powers of two and all that the cores take.</summary>
    public static IReadOnlyList<int> Candidates(int most) =>
        [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(jobs => jobs < most), Math.Max(1, most)];

    /// <summary>The fewest runs side by side that get such runs done as fast as any number does.</summary>
    public int BestJobs(Workload load)
    {
        var most = Paces.Max(Throughput);
        return Paces.First(one => Throughput(one) >= (1 - Same) * most).Jobs;

        double Throughput(PaceBeside one) => one.Jobs / one.Pace.Seconds(load);
    }

    /// <summary>The pace of a run beside so many others, itself included: that of the nearest number measured.</summary>
    public Pace At(int jobs) => Paces.MinBy(one => Math.Abs(one.Jobs - jobs))!.Pace;

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Null where there is none or it is damaged: it can be measured again.</summary>
    public static MachinePace? FromJson(string? json)
    {
        try { return json is null ? null : JsonSerializer.Deserialize<MachinePace>(json); }
        catch (JsonException) { return null; }
    }
}

/// <summary>The pace of each of so many runs side by side.</summary>
public sealed record PaceBeside(int Jobs, Pace Pace);
