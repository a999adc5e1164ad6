using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>What is known of a run, and the line that shows it.</summary>
internal sealed record KnownRun(RunRow Row, double? Predicted, Attempt? Last)
{
    public static KnownRun Of(StoredRun run)
    {
        var record = StoredJson.Read<Head>(run.Description, "the record of a run in the store", "restore the store from a copy, or run the recipe again with another --store");
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

    /// <summary>Of a <see cref="RunRecord"/> what a line shows: to read all of ten thousand would take most of the time that a page may take to open.</summary>
    private sealed record Head(string Stage, string Shape, string From, string? Task, long Seed, Work Workload);

    private sealed record Work(long Steps);

    private static string Word(Attempt? last) => (last?.State ?? RunState.Waiting).ToString().ToLowerInvariant();
}
