namespace Allometry.Experiments;

/// <summary>A run with its identity and what it will take.</summary>
/// <param name="Stage">pretrain, fine-tune: the kind of its stage.</param>
/// <param name="Shape">The shape's name.</param>
/// <param name="From">What a fine-tuning starts from: pretrain or scratch; empty where that makes no sense.</param>
public sealed record PlannedRun(string Id, Run Run, string Stage, string Shape, string From, string? Task, Workload Workload)
{
    public long Seed => Run.Numbers.Seed;

    public override string ToString() => string.Join(' ', new[] { Shape, Stage, Task, From.Length > 0 ? $"from {From}" : null, $"seed {Seed}" }.OfType<string>());
}
