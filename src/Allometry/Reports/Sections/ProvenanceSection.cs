using System.Globalization;
using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Where the numbers come from and how to get them again.</summary>
public sealed record ProvenanceSection : StudySection
{
    public override Place Place => Place.Provenance;

    public override Section? Of(Findings findings)
    {
        var environment = findings.Study.Environment;
        (string Fact, string Value)[] facts =
        [
            ("machine", environment.Machine), ("platform", environment.Platform), ("threads", environment.Threads.ToString(CultureInfo.InvariantCulture)),
            ("version", environment.Version), ("commit", environment.Commit), ("written", findings.Study.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("runs", findings.Study.Runs.Count.ToString(CultureInfo.InvariantCulture)), ("seeds", findings.Study.Seeds().ToString(CultureInfo.InvariantCulture)),
        ];
        return new("provenance", "How to reproduce",
        [
            new Paragraph("At the commit below, on the same kind of machine with as many threads, this command gives the same numbers, clocks aside:"),
            new Listing("command", "shell", environment.Command),
            new Table("environment", "Environment", [Column.Words("fact", "Fact"), Column.Words("value", "Value")],
                [.. facts.Select(fact => (IReadOnlyList<Cell>)[Cell.Of(fact.Fact), Cell.Of(fact.Value)])]),
            new Paragraph("The recipe, as written:"),
            new Listing("recipe", "yaml", findings.Study.RecipeYaml),
            .. findings.Study.EarlierRecipes.SelectMany((yaml, i) => (Block[])
            [
                new Paragraph("Before it was changed it read so; runs that were done by then are part of this report as far as it compares them:"),
                new Listing($"recipe-{i + 1}", "yaml", yaml),
            ]),
        ]);
    }
}
