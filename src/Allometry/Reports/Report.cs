using System.Globalization;
using Allometry.Analysis;
using Allometry.Reports.Sections;

namespace Allometry.Reports;

/// <summary>A study as a page. A pure function of the study.</summary>
public sealed record Report(Study Study, IReadOnlyList<Section> Sections)
    : Page("Allometry study", Study.Name, BylineOf(Study), Study.Environment.Version, Sections)
{
    public static Report From(Study study)
    {
        var findings = Findings.Of(study);
        Section?[] sections =
        [
            AnswerSection.Of(findings), FrontierSection.Of(findings), SpeedUpSection.Of(findings), KnobsSection.Of(findings), DownstreamSection.Of(findings),
            AdaptationSection.Of(findings), SimilaritySection.Of(study), RobustnessSection.Of(study), TemplatesSection.Of(findings), DenoisersSection.Of(findings), ExpertsSection.Of(findings),
            LawsSection.Of(findings), GrownSection.Of(findings), CostSection.Of(findings),
            ProvenanceSection.Of(findings),
        ];
        return new(study, [.. sections.OfType<Section>()]);
    }

    private static string BylineOf(Study study) => string.Create(CultureInfo.InvariantCulture,
        $"{study.Created.UtcDateTime:d MMMM yyyy} · {Words.Some(study.Shapes().Count(), "shape")} · {Words.Some(study.Seeds(), "seed")} · {study.Environment.Machine}");
}
