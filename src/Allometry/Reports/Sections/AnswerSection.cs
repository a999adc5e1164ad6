using Allometry.Analysis;
using Allometry.Kinds;

namespace Allometry.Reports.Sections;

/// <summary>What the study found, in sentences that claim no more than its seeds can carry.</summary>
public sealed record AnswerSection : StudySection
{
    public override Place Place => Place.Answer;

    private const string OtherLosses = "Shapes were pre-trained on different objectives: the held-out loss of each is its own, and no comparison of these losses holds. What all were measured on is in the section 'Held-out loss by denoiser'.";

    public override Section? Of(Findings findings)
    {
        var ranked = Ranked(findings);
        Block[] blocks = Recommendation.Of(findings) is not { } advice
            ? [new Paragraph("No shape has a result to compare yet.", Lead: true)]
            : findings.Main.LessIsBetter && !findings.ComparesLosses ? [new Paragraph(OtherLosses, Lead: true), .. OfSections(findings)]
            : [new Paragraph(Sentence(findings, advice, ranked.Length), Lead: true), .. OfSections(findings), new Paragraph($"{Best(findings, ranked)} {OnFrontiers(findings)}".Trim()), .. Doubts(findings, ranked)];
        return new("answer", "The answer", blocks, InBrief: true);
    }

    /// <param name="compared">Shapes that have a result.</param>
    private static string Sentence(Findings findings, Recommendation advice, int compared)
    {
        var score = ShapeCard.Range(findings.Main.Of(advice.Shape)!, Numerals.Score);
        if (compared == 1) return $"Only {advice.Shape.Name} {(findings.Shapes.Count == 1 ? "was tried" : "has a result to compare")}: its {Words.LowerFirst(findings.Main.Title)} is {score}, {findings.Main.Unit}.";
        if (advice.IsBest) return $"Train {advice.Shape.Name}: of {Words.Some(compared, "shape")} it has the {Superlative(findings)}, {score}, {findings.Main.Unit}.";
        return $"Train {advice.Shape.Name}: its {Words.LowerFirst(findings.Main.Title)}, {score}, cannot be told apart from the best, {advice.Best.Name} with {Numerals.Score(findings.Main.Of(advice.Best)!.Mean)}, at {ReplacementTable.InWords(advice.Savings)}.";
    }

    private static string Superlative(Findings findings) => findings.Main.LessIsBetter ? "lowest held-out loss" : "best quality";

    private static (ShapeSummary Shape, Spread Score)[] Ranked(Findings findings) =>
        [.. findings.Shapes.Where(shape => findings.Main.Of(shape) is not null).Select(shape => (shape, findings.Main.Of(shape)!))
            .OrderByDescending(pair => findings.Main.Sign * pair.Item2.Mean)];

    private static string Best(Findings findings, (ShapeSummary Shape, Spread Score)[] ranked)
    {
        if (ranked.Length == 1) return "";
        var (shape, score) = ranked[0];
        var next = $"; {ranked[1].Shape.Name} follows {Numerals.Score(Math.Abs(score.Mean - ranked[1].Score.Mean))} behind";
        return $"Of {Words.Some(ranked.Length, "shape")}, {shape.Name} has the {Superlative(findings)}: {ShapeCard.Range(score, Numerals.Score)}, {findings.Main.Unit}{next}.";
    }

    private static string OnFrontiers(Findings findings)
    {
        var alike = findings.Costs.GroupBy(cost => Words.List(findings.FrontierOf(findings.Main, cost).Points.Select(point => point.Name)));
        var parts = alike.Where(group => group.Key.Length > 0).Select(group => $"{group.Key} against {Words.List(group.Select(cost => Words.LowerFirst(cost.Title)))}").ToArray();
        return parts.Length == 0 ? "" : $"On the frontier: {string.Join("; ", parts)}.";
    }

    private static IEnumerable<Paragraph> OfSections(Findings findings) => Catalogue.Every<StudySection>().SelectMany(section => section.Doubts(findings)).Select(doubt => new Paragraph(doubt));

    private static IEnumerable<Paragraph> Doubts(Findings findings, (ShapeSummary Shape, Spread Score)[] ranked)
    {
        yield return new(findings.Noise(findings.Main) is { } noise ? Noise(findings, noise, ranked) : OneSeed(findings));
        if (!findings.ComparesLosses) yield return new(OtherLosses);
        if (PreTrainingGain(findings) is { Length: > 0 } gain) yield return new(gain);
        var stopped = findings.Study.Runs.Where(run => run.IsStopped).Select(run => run.Name).Distinct().ToArray();
        if (stopped.Length > 0) yield return new($"Stopped early, since by their held-out losses they could not come to the frontier: {Words.List(stopped)}. {LimitOfStopping(findings)}".Trim());
        foreach (var warning in SweepSection.Warnings(Sweep.All(findings.Study))) yield return warning;
        var open = findings.Study.Runs.Count(run => !run.IsDone && !run.IsStopped);
        if (open > 0) yield return new($"{open} of {findings.Study.Runs.Count} runs did not finish or have not run: see what is missing below.");
    }

    /// <summary>What is stopped is never fine-tuned, so that its quality stays unknown: what the others show of how far a loss tells it.</summary>
    private static string LimitOfStopping(Findings findings)
    {
        if (findings.Main.LessIsBetter) return "";
        var known = findings.UpstreamDownstream() is { } rank ? $"Over the shapes that went on, the rank correlation of low loss with high quality is {DownstreamSection.InWords(rank)}" : "The shapes that went on are too few to say how far a loss tells the quality";
        return $"That was decided upstream alone: what they would have been worth on the tasks is not known. {known}; --naive stops none.";
    }

    private static string OneSeed(Findings findings)
    {
        var tested = findings.Study.QualityNames.Select(name => findings.BaselineOf(name).Examples).OfType<double>().DefaultIfEmpty().Min();
        var sample = tested > 0 ? $" The smallest test set has {tested:0} examples, which alone leaves a standard error of up to {Numerals.Score(0.5 / Math.Sqrt(tested))} on a share." : "";
        return "Every shape was trained with one seed, so the noise between seeds is unknown: differences that lie within it cannot be told from chance." + sample;
    }

    private static string Noise(Findings findings, SeedNoise noise, (ShapeSummary Shape, Spread Score)[] ranked)
    {
        var best = ranked[0].Score;
        var close = ranked.Skip(1).Where(pair => Math.Abs(pair.Score.Mean - best.Mean) < noise.Resolution(best.Count, pair.Score.Count));
        var names = close.Select(pair => pair.Shape.Name).ToArray();
        var verdict = ranked.Length == 1 ? "" : names.Length == 0 ? ", and the best stands clear of all others" : $", and the best cannot be told apart from {Words.List(names)}";
        var resolution = noise.Resolution(best.Count, ranked.Min(pair => pair.Score.Count));
        return $"Between seeds a shape's result moves by {Numerals.Score(noise.StandardDeviation)} (standard deviation, pooled over shapes): "
            + $"results closer than {Numerals.Score(resolution)} are within the noise (95 %){verdict}.";
    }

    private static string PreTrainingGain(Findings findings)
    {
        var gains = findings.Measures.Select(measure => (measure, Gain: ResultsTable.GainOf(findings, measure))).Where(pair => pair.Gain is not null);
        var words = gains.Select(pair => $"{Numerals.SignedScore(pair.Gain!.Mean)} on {pair.measure.Replace('/', ' ')} ({Numerals.SignedScore(pair.Gain.Min)} to {Numerals.SignedScore(pair.Gain.Max)})").ToArray();
        return words.Length == 0 ? "" : $"Against the same shapes fine-tuned from random weights, pre-training brought {Words.List(words)}: mean, lowest and highest over shapes.";
    }
}
