using System.Diagnostics;
using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Reports;
using Allometry.Reports.Sections;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>
/// The answer and the frontier of what is done so far, as a report has them but for what only its tables need. Made again when runs have ended since, but of a study so large that this takes long not before ten times that has passed.
/// </summary>
internal sealed class FrontierPage(WatchedStudy study)
{
    private const int Rest = 10;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, IReadOnlyList<Measurement>> ended = [];
    private readonly Stopwatch age = Stopwatch.StartNew();
    private TimeSpan took;
    private IReadOnlyDictionary<string, int>? counts;
    private IReadOnlyList<Section> sections = [];

    /// <summary>The sections, and whether runs have ended since they were made: then they will be others soon.</summary>
    public (IReadOnlyList<Section> Sections, bool Behind) Now()
    {
        lock (gate)
        {
            var now = study.Now();
            var behind = counts is null || !Same(now.Counts);
            if (!behind || (took > Short && age.Elapsed < Rest * took)) return (sections, behind);
            age.Restart();
            sections = [.. Made()];
            (counts, took) = (now.Counts, age.Elapsed);
            age.Restart();
            return (sections, false);
        }
    }

    private bool Same(IReadOnlyDictionary<string, int> now) => counts!.Count == now.Count && now.All(state => counts.GetValueOrDefault(state.Key) == state.Value);

    private IEnumerable<Section> Made()
    {
        foreach (var row in study.Now().Rows.Where(row => row.State == "done" && !ended.ContainsKey(row.Id))) ended[row.Id] = study.Ask((_, look) => look.Lasts(row.Id));
        var findings = Findings.Of(study.Ask((store, _) => StudyReader.Read(store, run => ended.GetValueOrDefault(run, []))), draws: 0);
        if (new AnswerSection().Of(findings) is { } answer) yield return answer;
        yield return new("frontiers", FrontierSection.Title, [.. FrontierSection.Charts(findings).Select(chart => chart with { Size = Size.Half })]);
    }
}
