using System.Diagnostics;
using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Reports;
using Allometry.Reports.Sections;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>
/// The answer and the frontier of what is done so far, as a report has them but for what only its tables need. Made again when runs have ended since or the recipe was changed, but of a study so large that this takes long not before ten times that has passed.
/// </summary>
internal sealed class FrontierPage(WatchedStudy study)
{
    private const int Rest = 10;

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, IReadOnlyList<Measurement>> ended = [];
    private readonly Stopwatch age = Stopwatch.StartNew();
    private TimeSpan took;
    private Standing? made;
    private IReadOnlyList<Section> sections = [];

    /// <summary>The sections, and whether that has happened since they were made: then they will be others soon.</summary>
    public (IReadOnlyList<Section> Sections, bool Behind) Now()
    {
        lock (gate)
        {
            var now = study.Now();
            var behind = made is null || !Same(made, now);
            if (!behind || (took > Short && age.Elapsed < Rest * took)) return (sections, behind);
            age.Restart();
            sections = [.. Made()];
            (made, took) = (now, age.Elapsed);
            age.Restart();
            return (sections, false);
        }
    }

    private static bool Same(Standing then, Standing now) => then.Asked == now.Asked && then.Counts.Count == now.Counts.Count && now.Counts.All(state => then.Counts.GetValueOrDefault(state.Key) == state.Value);

    private IEnumerable<Section> Made()
    {
        foreach (var row in study.Now().Rows.Where(row => row.State == "done" && !ended.ContainsKey(row.Id))) ended[row.Id] = study.Ask((_, look) => look.Lasts(row.Id));
        var findings = Findings.Of(study.Ask((store, _) => StudyReader.Read(store, run => ended.GetValueOrDefault(run, []))), draws: 0);
        if (new AnswerSection().Of(findings) is { } answer) yield return answer;
        yield return new("frontiers", FrontierSection.Title, [.. FrontierSection.Charts(findings).Select(chart => chart with { Size = Size.Half })]);
    }
}
