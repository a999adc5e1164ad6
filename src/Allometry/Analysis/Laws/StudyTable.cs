using System.Globalization;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>The finished pre-trainings of a study as a table: a row a run, or a row for each measurement along the runs, for laws of curves.</summary>
public static class StudyTable
{
    /// <summary>Columns that number the architectures, and the objectives, of the runs.</summary>
    public const string Architecture = "architecture", Objective = "objective";

    public static RunTable Of(Study study, bool curves)
    {
        var runs = study.Runs.Where(run => run.Stage is StudyRun.Pretraining or StudyRun.Horizon && run.IsDone).ToArray();
        var rows = runs.SelectMany(run => curves ? Along(run) : [(Facts: Ends(study, run), Run: run)]).Select((row, i) => new Row(study.Name, i + 1, Cells(row.Facts, row.Run))).ToArray();
        return new($"study {study.Name}", [.. rows.SelectMany(row => row.Cells.Keys).Distinct()], rows) { Kinds = [Architecture, Objective] };

        Dictionary<string, string> Cells(Dictionary<string, double> facts, StudyRun run)
        {
            var cells = CellsOf(facts, run);
            (cells[Architecture], cells[Objective]) = (Number(runs.Select(other => other.Facts.Architecture), run.Facts.Architecture), Number(runs.Select(other => other.Facts.Objective), run.Facts.Objective));
            return cells;
        }
    }

    /// <summary>The place of one thing among those that there are, in their order, from 1.</summary>
    public static string Number(IEnumerable<string> all, string one) => Text(1 + all.Distinct().TakeWhile(other => other != one).Count());

    private static IEnumerable<(Dictionary<string, double> Facts, StudyRun Run)> Along(StudyRun run) =>
        (run.Curves.GetValueOrDefault("validation-loss") ?? run.Curves.GetValueOrDefault("loss") ?? [])
        .Where(point => point.Step > 0 && double.IsFinite(point.Value))
        .Select(point => (new Dictionary<string, double> { ["steps"] = point.Step, ["tokens"] = point.Tokens, ["batch-tokens"] = point.Tokens / point.Step, ["validation-loss"] = point.Value }, run));

    private static Dictionary<string, double> Ends(Study study, StudyRun run)
    {
        Dictionary<string, double> facts = new() { ["training-flops"] = run.Facts.TrainingFlops, ["validation-loss"] = run.Result("validation-loss") };
        if (run.MeasuredSeconds is { } seconds) facts["seconds"] = seconds;
        if ((run.Curves.GetValueOrDefault("loss") ?? run.Curves.GetValueOrDefault("validation-loss"))?.LastOrDefault() is { Step: > 0 } last)
            (facts["steps"], facts["tokens"], facts["batch-tokens"]) = (last.Step, last.Tokens, last.Tokens / last.Step);
        foreach (var task in study.Runs.Where(other => run.Stage == StudyRun.Pretraining && other.IsFineTuning && run.Leads(other.Name) && other.Seed == run.Seed && other.From == study.Start()))
            foreach (var measure in task.Measures()) facts.TryAdd(measure, task.Result(measure)); // of several ways to fine-tune one model the first counts
        return facts;
    }

    private static Dictionary<string, string> CellsOf(Dictionary<string, double> facts, StudyRun run)
    {
        Dictionary<string, string> cells = new() { ["run"] = run.Id, ["name"] = run.Name, ["seed"] = Text(run.Seed), ["parameters"] = Text(run.Facts.Parameters), ["non-embedding-parameters"] = Text(run.Facts.NonEmbeddingParameters) };
        foreach (var (dimension, size) in run.Facts.Dimensions) cells[dimension] = Text(size);
        cells["layers"] = Text(run.Facts.Dimensions.GetValueOrDefault("encoder-layers") + run.Facts.Dimensions.GetValueOrDefault("decoder-layers"));
        foreach (var (name, value) in facts) cells[name] = Text(value);
        return cells;
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
