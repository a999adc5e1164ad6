namespace Allometry.Reports;

/// <summary>Sections under a title: what every renderer draws.</summary>
/// <param name="Kicker">What kind of page it is; stands above the title.</param>
/// <param name="Byline">When, of what and where; stands below it.</param>
/// <param name="Version">Of the Allometry that wrote it.</param>
public record Page(string Kicker, string Title, string Byline, string Version, IReadOnlyList<Section> Sections)
{
    public IEnumerable<Table> Tables => Sections.SelectMany(section => section.Blocks).Select(block => block as Table ?? (block as HeatMap)?.Numbers()).OfType<Table>();
    public IEnumerable<Chart> Charts => Sections.SelectMany(section => section.Blocks).OfType<Chart>();
    public IEnumerable<string> Answer => Sections[0].Blocks.OfType<Paragraph>().Select(paragraph => paragraph.Text);
}
