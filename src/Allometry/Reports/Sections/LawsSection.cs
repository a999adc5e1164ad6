using System.Globalization;
using Allometry.Analysis;
using Allometry.Analysis.Laws;
using Allometry.Kinds;
using Allometry.Reports.Laws;
using Allometry.Text;

namespace Allometry.Reports.Sections;

/// <summary>What more compute would bring, by a law of the study's own pre-trainings, what such predictions were worth, and the curves that they end.</summary>
public sealed record LawsSection : StudySection
{
    public override Place Place => Place.Laws;

    /// <summary>Over less than this the noise between runs decides the slope.</summary>
    private const double LeastRange = 3;

    /// <summary>With fewer sizes a floor cannot be told from the slope.</summary>
    private const int SizesForAFloor = 8;

    /// <summary>A report is written often: these take well under a second.</summary>
    private const int Replicates = 200;

    private const string Flops = "training-flops", Loss = "validation-loss";

    private static readonly double[] Ahead = [2, 4, 10];

    /// <summary>Null where nothing was pre-trained.</summary>
    public override Section? Of(Findings findings)
    {
        Block[] blocks = [.. LawOf(findings), .. LossCurves.Of(findings)];
        return blocks.Length == 0 ? null : new("laws", "Laws and predictions", blocks);
    }

    private static IEnumerable<Block> LawOf(Findings findings)
    {
        var flops = findings.Shapes.Where(shape => shape.Loss is not null).Select(shape => shape.Facts.TrainingFlops).ToArray();
        if (flops.Length == 0) return [];
        if (!findings.ComparesLosses) return [new Paragraph($"No law is fitted. {NoLosses}")];
        var range = flops.Max() / flops.Min();
        if (flops.Distinct().Count() < 4 || range < LeastRange)
            return [new Paragraph($"No law is fitted: the {Words.Some(flops.Length, "shape")} with a loss span {Numerals.Plain(range)}× in training compute, and a law needs four sizes over at least {LeastRange}×.")];
        try { return Fitted(Question(findings, flops).Answer()); }
        catch (InputException refused) { return [new Paragraph($"No law is fitted: {Words.List(refused.Problems.Select(problem => problem.What))}.")]; }
    }

    private static LawQuestion Question(Findings findings, double[] flops)
    {
        var law = new PowerLaw(Variable.Compute.Symbol, Floor: flops.Distinct().Count() >= SizesForAFloor);
        var columns = new LawColumns(MeansOf(findings), new Dictionary<Variable, string>());
        return new(law, columns, [], [], [.. Ahead.Select(times => new Dictionary<Variable, double> { [Variable.Compute] = times * flops.Max() })]) { Replicates = Replicates };
    }

    /// <summary>A row a shape: seeds are averaged first.</summary>
    private static RunTable MeansOf(Findings findings)
    {
        var rows = findings.Shapes.Where(shape => shape.Loss is not null).Select((shape, i) => new Row(findings.Study.Name, i + 1, new Dictionary<string, string>
        {
            ["name"] = shape.Name,
            [StudyTable.Architecture] = StudyTable.Number(findings.Shapes.Select(other => other.Facts.Architecture), shape.Facts.Architecture),
            [Flops] = shape.Facts.TrainingFlops.ToString("R", CultureInfo.InvariantCulture),
            [Loss] = shape.Loss!.Mean.ToString("R", CultureInfo.InvariantCulture),
        }));
        return new($"study {findings.Study.Name}", ["name", StudyTable.Architecture, Flops, Loss], [.. rows]) { Kinds = [StudyTable.Architecture] };
    }

    private static IEnumerable<Block> Fitted(LawAnswer answer)
    {
        Section?[] sections = [ParametersSection.Of(answer), PredictionsSection.Of(answer), FitSection.Of(answer)];
        return sections.OfType<Section>().SelectMany(section => section.Blocks).Select(block => block is Paragraph { Lead: true } lead ? lead with { Lead = false } : block)
            .Append(new Paragraph("Shapes differ in more than compute, so the points scatter about the law. Other laws, also of these runs: allometry fit STORE --law NAME."));
    }
}
