using Allometry.Experiments;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>What is known of a run, and the line that shows it.</summary>
internal sealed record KnownRun(RunRow Row, double? Predicted, Attempt? Last)
{
    public static KnownRun Of(StoredRun run)
    {
        var record = RunRecord.FromJson(run.Description);
        return new(new(run.Id, record.Shape, record.Stage, record.From, record.Task, record.Seed, Word(null), null, 0, record.Workload.Steps, null, 0), RunPrediction.FromJson(run.Prediction).Seconds, null);
    }

    /// <summary>With its last attempt; what it has measured is asked only where that may have changed.</summary>
    public KnownRun At(Attempt? last, StudyLook look, long version)
    {
        if (last == Last && last?.State != RunState.Running && Row.Version > 0) return this;
        var loss = last is null ? null : look.Last(Row.Id, "loss");
        var row = Row with { State = Word(last), Reason = last?.Reason, Step = loss?.Step ?? 0, Loss = loss?.Value is { } value && double.IsFinite(value) ? value : null };
        return this with { Last = last, Row = row == Row && row.Version > 0 ? Row : row with { Version = version } };
    }

    private static string Word(Attempt? last) => (last?.State ?? RunState.Waiting).ToString().ToLowerInvariant();
}
