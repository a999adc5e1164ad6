using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Experiments;

/// <summary>
/// The steps that pre-trainings of one model to several lengths have in common: trained once, measured wherever one of them would be, and kept at the steps where they part.
/// A run that begins there ends in the same bits as if it had made these steps itself.
/// </summary>
[Kind("trunk")]
[Description("The steps that pre-trainings of several budgets share; a plan makes it by itself where a stage has horizons.")]
public sealed record TrunkStage(
    [Description("The pre-training whose steps these are.")] PretrainStage Of,
    [Description("Steps of each run that may begin here.")] IReadOnlyList<long> Lengths) : Stage
{
    /// <summary>What the runs of these lengths share; null where fewer than two of them share a step.</summary>
    public static TrunkStage? Over(PretrainStage stage, IEnumerable<long> lengths)
    {
        var sharing = lengths.Where(length => stage.Schedule.Shared(length) > 0).Distinct().Order().ToArray();
        return sharing.Length < 2 ? null : new(stage, sharing);
    }

    /// <summary>Where a run of this length parts from the others; null where it shares nothing.</summary>
    public Branch? BranchOf(string trunk, long length) => Of.Schedule.Shared(length) is > 0 and var step ? new(trunk, step) : null;

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this }];

    public override bool Measures(string name, long step, long steps) => Lengths.Any(length => Of.Measures(name, step, length));

    public override Workload Count(Run run)
    {
        var load = Of.Count(run with { Stage = Of }) with { Steps = Lengths.Max(Of.Schedule.Shared) };
        var validations = Enumerable.Range(1, (int)load.Steps).Count(step => Measures(PretrainStage.HeldOut, step, load.Steps));
        return load with { Extras = load.Extras with { EvaluationFlops = validations * Of.ValidationBatches * load.ForwardFlops } };
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials) => Of.Problems(recipe, materials);

    public override void Prepare(Run run, Desk desk) => Of.Prepare(run, desk);

    public override void Execute(Execution execution)
    {
        using (Of.Train(execution, Lengths.Max(), [.. Lengths.Select(Of.Schedule.Shared)])) execution.Finish();
    }
}
