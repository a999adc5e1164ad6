using System.Globalization;
using Allometry.Analysis;
using Allometry.Kinds;

namespace Allometry.Reports;

/// <summary>A study as a page. A pure function of the study.</summary>
public sealed record Report(Study Study, IReadOnlyList<Section> Sections)
    : Page("Allometry study", Study.Name, BylineOf(Study), Study.Environment.Version, Sections)
{
    public static Report From(Study study)
    {
        var findings = Findings.Of(study);
        var sections = Catalogue.Every<StudySection>().OrderBy(section => section.Place).ThenBy(section => section.GetType().Name, StringComparer.Ordinal);
        return new(study, [.. sections.Select(section => section.Of(findings)).OfType<Section>()]);
    }

    private static string BylineOf(Study study) => string.Create(CultureInfo.InvariantCulture,
        $"{study.Created.UtcDateTime:d MMMM yyyy} · {Words.Some(study.Shapes().Count(), "shape")} · {Words.Some(study.Seeds(), "seed")} · {study.Environment.Machine}");
}
