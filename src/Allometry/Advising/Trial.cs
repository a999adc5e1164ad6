using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Reports;
using Allometry.Store;
using Allometry.Text;

namespace Allometry.Advising;

/// <summary>What every proposed shape would go through: a pre-training of which only the shape changes.</summary>
/// <param name="Words">The same for people.</param>
public sealed record Trial(Run Run, Pace Pace, string Words)
{
    private const int Batch = 16, InputLength = 512;
    private const double TokensPerParameter = 20; // Chinchilla's rule of thumb (Hoffmann et al. 2022)

    /// <summary>The pre-training of a study, at the pace that was measured there.</summary>
    public static Trial Of(StudyStore store)
    {
        var record = store.Runs().Select(run => RunRecord.FromJson(run.Description)).FirstOrDefault(run => run is { Stage: "pretrain", Run: not null })
            ?? throw new InputException(store.Folder, "this study has no pre-training", "give another store, or none: then published results answer");
        var run = Canonical.Parse<Run>(record.Run!.ToJsonString(), store.Folder);
        return new(run, Pace.FromJson(store.Fact("pace")) ?? Pace.Assumed(Environment.ProcessorCount), $"pre-trained as study {store.Fact("name")} does");
    }

    /// <summary>T5 1.0 on twenty tokens for each parameter that is no embedding.</summary>
    /// <param name="measured">The pace of this machine; null where nobody has measured it, and one is assumed.</param>
    public static Trial Usual(Pace? measured = null)
    {
        var pace = measured ?? Pace.Assumed(Environment.ProcessorCount);
        var stage = new PretrainStage(new SpanCorruption(), new(TokensPerParameter: TokensPerParameter), InputLength: InputLength) { Batch = Batch };
        var run = new Run(stage, Reader.Read<Architecture>("t5-1.0", "architecture"), new(1, 1, 1, 1, 1, 1), new BytesVocabulary(), null, new(1, new(pace.Threads, "cpu", false)), []);
        return new(run, pace, $"T5 1.0 pre-trained on {TokensPerParameter} tokens a parameter without embeddings, batches of {Batch} x {InputLength}") { Measured = "of this machine" };
    }

    /// <summary>What a measured pace was measured for, in words.</summary>
    private string Measured { get; init; } = "for the study";

    /// <summary>Where the times come from.</summary>
    public string PaceWords => Pace.Measured
        ? $"Times are at the pace that was measured {Measured}: {Numerals.Count(Pace.ProductFlops)} FLOP/s in matrix products, {Reports.Words.Some(Pace.Threads, "thread")}."
        : $"Times are at an assumed pace of {Numerals.Count(Pace.ProductFlops)} FLOP/s in matrix products, {Reports.Words.Some(Pace.Threads, "thread")}: this machine was not measured, and may be several times faster or slower. allometry plan and advise --time measure it; a study's store (--store) has its measured pace.";

    /// <summary>The sizes of a shape of a study, with all else as in this trial.</summary>
    public Shape Like(ShapeFacts facts) => Run.Shape with
    {
        ModelWidth = facts.Dimensions["model-width"],
        FeedForwardWidth = facts.Dimensions["feed-forward-width"],
        HeadWidth = facts.Dimensions["head-width"],
        Heads = facts.Dimensions["heads"],
        EncoderLayers = facts.Dimensions["encoder-layers"],
        DecoderLayers = facts.Dimensions["decoder-layers"],
        Name = null,
    };

    /// <summary>The widths of a study's own shapes, each at the least depth it was tried at.</summary>
    public IReadOnlyList<Shape> WidthsOf(Study study) =>
        [.. study.Runs.Select(run => Like(run.Facts)).GroupBy(shape => (shape.ModelWidth, shape.FeedForwardWidth, shape.HeadWidth, shape.Heads))
            .Select(width => width.MinBy(shape => shape.EncoderLayers + shape.DecoderLayers)!).OrderBy(shape => shape.ModelWidth).ThenBy(shape => shape.FeedForwardWidth)];

    public Candidate Of(Shape shape)
    {
        var load = Run.Stage.Count(Run with { Shape = shape });
        return new(shape, load, Pace.Seconds(load));
    }
}

/// <summary>A shape and what its training would take.</summary>
public sealed record Candidate(Shape Shape, Workload Load, double Seconds)
{
    public string Name => ShapeName.Of(Shape);

    /// <summary>Encoder and decoder together.</summary>
    public int Layers => Shape.EncoderLayers + Shape.DecoderLayers;
}
