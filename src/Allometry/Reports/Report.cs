using Allometry.Analysis;
using Allometry.Reports.Sections;

namespace Allometry.Reports;

/// <summary>A study as a page: what every renderer draws. A pure function of the study.</summary>
public sealed record Report(Study Study, IReadOnlyList<Section> Sections)
{
    public IEnumerable<Table> Tables => Sections.SelectMany(section => section.Blocks).OfType<Table>();
    public IEnumerable<Chart> Charts => Sections.SelectMany(section => section.Blocks).OfType<Chart>();
    public IEnumerable<string> Answer => Sections[0].Blocks.OfType<Paragraph>().Select(paragraph => paragraph.Text);

    public static Report From(Study study)
    {
        var findings = Findings.Of(study);
        Section?[] sections =
        [
            AnswerSection.Of(findings), FrontierSection.Of(findings), ShapesSection.Of(findings), CurvesSection.Of(findings),
            DepthSection.Of(findings), PredictionSection.Of(findings), FailuresSection.Of(findings), ProvenanceSection.Of(findings),
        ];
        return new(study, [.. sections.OfType<Section>()]);
    }
}
