using System.Globalization;
using System.Text.Json;
using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Reports;
using Allometry.Reports.Sections;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>Everything about one run: how it stands, its curves, what its routers did, its results, its recipe, and where it was tried.</summary>
internal sealed record RunPage(WatchedStudy Study, RunRow Row)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public IReadOnlyList<Section> Sections() => Study.Ask((store, look) =>
    {
        var record = RunRecord.FromJson(store.Run(Row.Id).Description);
        var names = look.Names(Row.Id);
        Section?[] sections =
        [
            new("standing", "How it stands", [Facts(record)]),
            Curves(look, names), Routers(store, look, names),
            new("results", "Last numbers", [Results(look.Lasts(Row.Id))]),
            new("recipe", "Recipe", [new Paragraph("All that decides the numbers of this run:"), new Listing("run", "json", record.Run?.ToJsonString(Indented) ?? "")]),
            new("environment", "Where it was tried", [Attempts(store.Attempts(Row.Id))]),
        ];
        return sections.OfType<Section>().ToList();
    });

    private Table Facts(RunRecord record) => OfFacts("facts",
    [
        ("state", Row.Reason is null ? Row.State : $"{Row.State}: {Row.Reason}"), ("does", RunWords.Doing(Row)), ("shape", Row.Shape), ("seed", Row.Seed.ToString(CultureInfo.InvariantCulture)),
        ("step", string.Create(CultureInfo.InvariantCulture, $"{Row.Step:N0} of {Row.Steps:N0}")), ("parameters", Numerals.Count(record.Workload.Parameters)), ("training compute", Numerals.Flops(record.Workload.TrainingFlops)),
        .. record.Dimensions.Where(size => size.Value > 0).Select(size => (size.Key, size.Value.ToString("N0", CultureInfo.InvariantCulture))),
    ]);

    private Section? Curves(StudyLook look, IReadOnlyList<string> names)
    {
        Block[] charts = [.. names.Where(name => !name.StartsWith(StudyRun.Layers, StringComparison.Ordinal)).Select(name => CurveCharts.Of(look, name, [(Row.Shape, Row.Id)])).OfType<Chart>()];
        return charts.Length == 0 ? null : new("curves", "Curves", charts);
    }

    private Section? Routers(StudyStore store, StudyLook look, IReadOnlyList<string> names)
    {
        var measured = names.Where(name => name.StartsWith(StudyRun.Layers, StringComparison.Ordinal)).SelectMany(name => look.Curve(Row.Id, name, CurveCharts.Windows)).ToList();
        return measured.Count == 0 ? null : ExpertsSection.Of([(Row.Shape, [StudyReader.RunOf(store, store.Run(Row.Id), measured)])]);
    }

    private static Table Results(IReadOnlyList<Measurement> lasts) => new("results", "Last numbers", [Column.Words("name", "Name"), new("value", "Value"), new("step", "Step")],
        [.. lasts.Where(m => !m.Name.StartsWith(StudyRun.Layers, StringComparison.Ordinal)).Select(m => (IReadOnlyList<Cell>)[Cell.Of(m.Name), Cell.Of(m.Value, value => Numerals.Plain(value, 5)), Cell.Of(m.Step, Numerals.Whole)])]);

    private static Table Attempts(IReadOnlyList<Attempt> attempts) => new("attempts", "Attempts",
        [new("number", "Attempt"), Column.Words("started", "Started"), Column.Words("ended", "Ended"), Column.Words("state", "Ended as"), new("from-step", "From step"), Column.Words("machine", "Machine"), Column.Words("version", "Version")],
        [.. attempts.Select(attempt => (IReadOnlyList<Cell>)
        [
            Cell.Of(attempt.Number, Numerals.Whole), Cell.Of(RunWords.Time(attempt.Started)), attempt.Ended is { } ended ? Cell.Of(RunWords.Time(ended)) : Cell.Empty,
            Cell.Of($"{attempt.State.ToString().ToLowerInvariant()} {attempt.Reason}".TrimEnd()), Cell.Of(attempt.FromStep, Numerals.Whole), Cell.Of(MachineOf(attempt)), Cell.Of(attempt.Version),
        ])]);

    private static string MachineOf(Attempt attempt)
    {
        try { return JsonSerializer.Deserialize<Machine>(attempt.Machine) is { Processor.Length: > 0 } machine ? $"{machine}, {machine.Platform}" : attempt.Machine; }
        catch (JsonException) { return attempt.Machine; }
    }

    private static Table OfFacts(string name, IEnumerable<(string Fact, string Value)> facts) => new(name, "", [Column.Words("fact", "Fact"), Column.Words("value", "Value")],
        [.. facts.Select(fact => (IReadOnlyList<Cell>)[Cell.Of(fact.Fact), Cell.Of(fact.Value)])]);
}
