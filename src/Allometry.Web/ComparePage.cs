using System.Text.Json.Nodes;
using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>Two runs side by side: what sets them apart, what they came to, and their curves in one picture.</summary>
internal sealed record ComparePage(WatchedStudy Study, RunRow Left, RunRow Right)
{
    public IReadOnlyList<Section> Sections() => Study.Ask((store, look) =>
    {
        var (left, right) = (RunRecord.FromJson(store.Run(Left.Id).Description), RunRecord.FromJson(store.Run(Right.Id).Description));
        return (IReadOnlyList<Section>)
        [
            new("differences", "What sets them apart", [Differences(left, right)]),
            new("results", "What they came to", [Results(look.Lasts(Left.Id), look.Lasts(Right.Id))]),
            new("curves", "Their curves", [.. look.Names(Left.Id).Intersect(look.Names(Right.Id)).Where(IsShown).Select(name => CurveCharts.Of(look, name, RunWords.Apart([Left, Right]))).OfType<Chart>()]),
        ];
    });

    private static bool IsShown(string name) => !name.StartsWith(StudyRun.Layers, StringComparison.Ordinal);

    private Table Differences(RunRecord left, RunRecord right)
    {
        var (ours, theirs) = (Flat(left.Run, "").ToDictionary(), Flat(right.Run, "").ToDictionary());
        var rows = ours.Keys.Union(theirs.Keys).Where(key => ours.GetValueOrDefault(key) != theirs.GetValueOrDefault(key))
            .Select(key => (IReadOnlyList<Cell>)[Cell.Of(key), Word(ours.GetValueOrDefault(key)), Word(theirs.GetValueOrDefault(key))]);
        return new("differences", "", [Column.Words("setting", "Setting"), Column.Words("left", RunWords.Of(Left)), Column.Words("right", RunWords.Of(Right))], [.. rows], "Only settings in which they differ; what is left out has its default.");
    }

    private Table Results(IReadOnlyList<Measurement> left, IReadOnlyList<Measurement> right)
    {
        var (ours, theirs) = (left.ToDictionary(m => m.Name), right.ToDictionary(m => m.Name));
        return new("results", "", [Column.Words("name", "Name"), new("left", RunWords.Of(Left)), new("right", RunWords.Of(Right)), new("difference", "Difference")],
            [.. ours.Keys.Union(theirs.Keys).Where(IsShown).Select(name => Row(name, ours.GetValueOrDefault(name)?.Value, theirs.GetValueOrDefault(name)?.Value))]);
    }

    private static IReadOnlyList<Cell> Row(string name, double? left, double? right) =>
        [Cell.Of(name), Cell.Of(left, Short), Cell.Of(right, Short), Cell.Of(right - left, value => Numerals.Signed(value, 4))];

    private static string Short(double value) => Numerals.Plain(value, 5);

    private static Cell Word(string? value) => value is null ? Cell.Empty : Cell.Of(value);

    private static IEnumerable<KeyValuePair<string, string>> Flat(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Flat(member.Value, path.Length == 0 ? member.Key : $"{path} {member.Key}")),
        JsonArray items => items.SelectMany((item, i) => Flat(item, $"{path} {i + 1}")),
        null => [],
        _ => [new(path, node.ToString())],
    };
}
