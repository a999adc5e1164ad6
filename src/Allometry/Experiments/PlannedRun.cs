using Allometry.Analysis;

namespace Allometry.Experiments;

/// <summary>A run with its identity and what it will take.</summary>
/// <param name="Stage">pretrain, fine-tune: the kind of its stage.</param>
/// <param name="Shape">The shape's name.</param>
/// <param name="From">What a fine-tuning starts from: pretrain or scratch; empty where that makes no sense.</param>
public sealed record PlannedRun(string Id, Run Run, string Stage, string Shape, string From, string? Task, Workload Workload)
{
    /// <summary>Where it begins, if not at its first step.</summary>
    public Branch? Branch { get; init; }

    /// <summary>The step after which it pauses, to go on when it is decided that it may; null: it runs to its end.</summary>
    public long? Until { get; init; }

    /// <summary>The runs that must have ended before it.</summary>
    public IEnumerable<string> Needs => [.. Run.Needs, .. Run.Transferred?.Sweep ?? [], .. Branch is null ? [] : new[] { Branch.Trunk }];

    /// <summary>The part of its steps that it does itself, in (0, 1].</summary>
    public double OwnShare => 1 - ((double)(Branch?.Step ?? 0) / Workload.Steps);

    /// <summary>Floating-point operations of the steps that it does itself.</summary>
    public double OwnFlops => OwnShare * Workload.TrainingFlops;

    /// <summary>What tells it apart from other runs of its stage, shape and task.</summary>
    public IReadOnlyList<string> Arm { get; init; } = [];

    /// <summary>As reports call it.</summary>
    public string Name => StudyRun.NameOf(Shape, Arm);

    public long Seed => Run.Numbers.Seed;

    /// <summary>Of each of its processes.</summary>
    public int Threads => Run.Numbers.Numerics.Threads;

    /// <summary>Processes that compute it together.</summary>
    public int Ranks => Run.Numbers.Numerics.Ranks;

    /// <summary>Bytes that each process of this run is predicted to have at most.</summary>
    public double PeakBytes => Math.Max(Workload.MemoryBytes, PeakMemory.OfProcess);

    public override string ToString() => string.Join(' ', new[] { Name, Stage, Task, From.Length > 0 ? $"from {From}" : null, $"seed {Seed}" }.OfType<string>());
}
