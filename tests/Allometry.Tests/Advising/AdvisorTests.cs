using Allometry.Advising;
using Allometry.Analysis;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.ScaleEfficiently;
using Allometry.Reports;
using Allometry.Text;
using MathNet.Numerics.Distributions;

namespace Allometry.Tests.Advising;

/// <summary>Runs are hidden and asked for.</summary>
public sealed class AdvisorTests
{
    private static readonly Trial Usual = Trial.Usual();

    private static readonly Shape[] Tried =
    [
        .. from width in new[] { 64, 96, 128 } from depth in new[] { 2, 4, 8 } select new Shape(width, 4 * width, 32, width / 32, depth, depth, 2048),
    ];

    [Fact]
    public void Hidden_runs_lie_where_the_others_foretell_them_as_often_as_is_said()
    {
        var inside = 0;
        for (var seed = 0; seed < 12; seed++)
            foreach (var hidden in Tried)
            {
                var outlook = StudyOutlook.Of(StudyOf([.. Tried.Where(shape => shape != hidden)], seed));
                inside += outlook.Loss(Usual.Of(hidden))!.Interval!.Holds(LossOf(hidden, seed)) ? 1 : 0;
            }
        Assert.InRange(inside, 96, 108); // of 108, 95 % are 102.6; fewer than 96 come once in several hundred times
    }

    [Fact]
    public void Quality_is_foretold_by_itself_and_never_leaves_its_scale()
    {
        var outlook = StudyOutlook.Of(StudyOf(Tried, 1));
        Assert.True(outlook.Quality(Usual.Of(Tried[2]))!.Interval!.Holds(QualityOf(Tried[2], 1)));
        Assert.InRange(outlook.Quality(Usual.Of(DeepNarrow.AtDepth(Tried[^1], 36)))!.Interval!.High, 0, 1);
        Assert.Null(StudyOutlook.Of(StudyOf(Tried, 1, tasks: false)).Quality(Usual.Of(Tried[0])));
    }

    [Fact]
    public void A_study_with_too_few_shapes_foretells_nothing() =>
        Assert.Contains("3 shapes of it have a held-out loss and 4 are needed", Assert.Throws<InputException>(() => StudyOutlook.Of(StudyOf([.. Tried.Take(3)], 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_extra_run_is_the_one_that_narrows_most_when_each_is_really_added()
    {
        var study = StudyOf(Tried, 3);
        var advice = OfRuns(study).For(Limit.Flops("1e9") with { Most = 2 * Usual.Of(Tried[^1]).Load.TrainingFlops });
        var (target, extra) = (advice.Proposals[0].Candidate, advice.Extra!);
        double Left(Shape added) => LogWidth(StudyOf([.. Tried, added], 3, exact: added), target) / LogWidth(study, target);
        Assert.True(extra.Left < 1);
        // A run exactly where it was expected adds nothing to the residuals of nine runs and a degree of freedom to their six.
        Assert.Equal(extra.Left * Math.Sqrt(6.0 / 7), Left(extra.Candidate.Shape), 1e-6);
        Assert.All(new[] { Tried[0], Tried[4], Tried[6] }, other => Assert.True(Left(extra.Candidate.Shape) <= Left(DeepNarrow.AtDepth(other, 3)) + 0.01));
        Assert.True(extra.Candidate.Load.TrainingFlops <= target.Load.TrainingFlops / 2);
    }

    [Theory]
    [InlineData("flops", "3e15"), InlineData("parameters", "20M"), InlineData("memory", "4GB"), InlineData("time", "")]
    public void Whatever_is_limited_every_proposal_keeps_to_it(string measure, string text)
    {
        var limit = measure switch { "flops" => Limit.Flops(text), "parameters" => Limit.Parameters(text), "memory" => Limit.Memory(text), _ => Limit.Time(TimeSpan.FromHours(2)) };
        var advice = new Advisor(Usual, new DeepNarrow(), DeepNarrow.UsualWidths(shape => limit.Allows(Usual.Of(shape))), PublishedOutlook.Of()).For(limit);
        Assert.NotEmpty(advice.Proposals);
        Assert.All(advice.Proposals, proposal => Assert.InRange(limit.Of(proposal.Candidate), 0, limit.Most));
        Assert.All(advice.Proposals.Where(proposal => proposal.Loss is not null), proposal => Assert.True(proposal.Loss!.Interval!.Holds(proposal.Loss.Value) && proposal.Quality!.Interval!.Holds(proposal.Quality.Value)));
        Assert.Contains("published runs", advice.Outlook.Basis, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_at_a_pace_that_nobody_measured_are_said_to_be_so()
    {
        var limit = Limit.Parameters("20M");
        string Told(Trial trial) => MarkdownReport.Render(AdvicePage.Of(new Advisor(trial, new DeepNarrow(), DeepNarrow.UsualWidths(shape => limit.Allows(trial.Of(shape))), PublishedOutlook.Of()).For(limit), "0"));
        Assert.Contains("an assumed pace", Told(Usual), StringComparison.Ordinal);
        Assert.Contains("at the pace that was measured", Told(Usual with { Pace = Usual.Pace with { Measured = true } }), StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_what_is_foretold_stands_how_far_the_cheap_runs_were_off_with_the_dear_ones()
    {
        Hindsight Loss(double factor) => StudyOutlook.Of(StudyOf(Tried, 1, dearest: factor)).BackTests.Single(test => test is { Quantity: "loss", Cut: "cheapest 75 %" });
        Assert.Equal((7, 2), (Loss(1).Fitted, Loss(1).Tests.Count)); // of nine shapes
        Assert.InRange(Loss(1).Figures.Mare, 1e-4, 0.04);            // seeds move a loss by 1 %
        Assert.Equal((1 + Loss(1).Figures.Bias) / 1.5, 1 + Loss(1.5).Figures.Bias, 1e-9); // the cheap ones cannot know that the two dearest are half as bad again
        Assert.Equal(0, Loss(1.5).Figures.Coverage);
        var limit = Limit.Parameters("20M");
        var advice = new Advisor(Usual, new DeepNarrow(), DeepNarrow.UsualWidths(shape => limit.Allows(Usual.Of(shape))), StudyOutlook.Of(StudyOf(Tried, 1))).For(limit, far: true);
        Assert.Contains("| cheapest 75 % | quality | 7 | 2 |", MarkdownReport.Render(AdvicePage.Of(advice, "0")), StringComparison.Ordinal);
    }

    [Fact]
    public void Far_beyond_the_runs_nothing_is_foretold_unless_that_is_asked_for()
    {
        var advisor = new Advisor(Usual, new DeepNarrow(), [new Shape(8192, 262144, 128, 512, 4, 4)], PublishedOutlook.Of());
        var limit = Limit.Parameters("1T");
        Assert.All(advisor.For(limit).Proposals, proposal => Assert.Null(proposal.Loss));
        Assert.Null(advisor.For(limit).Extra);
        Assert.All(advisor.For(limit, far: true).Proposals, proposal => Assert.True(proposal.Loss!.Extrapolation > 30));
        Assert.Contains("Nothing is foretold more than 30 times beyond them", MarkdownReport.Render(AdvicePage.Of(advisor.For(limit), "0")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_run_within_the_limit_stands_beside_what_is_proposed_and_losses_that_rise_with_compute_foretell_nothing()
    {
        var study = StudyOf(Tried, 1, tasks: false, dearest: 3);
        var limit = Limit.Flops("1e9") with { Most = Usual.Of(Tried[4]).Load.TrainingFlops };
        var advice = OfRuns(study).For(limit);
        Assert.Equal(Tried.Where(shape => limit.Allows(Usual.Of(shape with { Vocabulary = Usual.Run.Shape.Vocabulary }))).Select(shape => LossOf(shape, 1)).Order(), advice.Measured.Select(run => run.Loss!.Value));
        Assert.All(advice.Proposals, proposal => Assert.Null(proposal.Loss));
        Assert.Equal(advice.Measured[0], advice.Best);
        var text = MarkdownReport.Render(AdvicePage.Of(advice, "0"));
        Assert.Contains("which was run and takes", text, StringComparison.Ordinal);
        Assert.Contains("What should be above zero is not (the exponent of compute = -", text, StringComparison.Ordinal);
        Assert.Empty(StudyOutlook.Of(StudyOf(Tried, 1)).Doubts);
    }

    [Theory, InlineData(1, false), InlineData(1e6, true)]
    public void A_budget_that_no_shape_uses_up_is_said_to_stay_unused(double times, bool said)
    {
        var study = StudyOf(Tried, 1);
        var limit = Limit.Flops("1e9") with { Most = times * Usual.Of(Tried[^1]).Load.TrainingFlops };
        var text = MarkdownReport.Render(AdvicePage.Of(OfRuns(study).For(limit, far: true), "0"));
        Assert.Equal(said, text.Contains("of the limit and the rest stays unused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("4GB", 4e9), InlineData("4GiB", 4294967296), InlineData("512MB", 5.12e8), InlineData("3e9", 3e9)]
    public void Memory_is_read_in_both_units(string text, double bytes) => Assert.Equal(bytes, Limit.Memory(text).Most, 1);

    [Fact]
    public void Billions_are_read_as_pages_print_them() => Assert.Equal(1e9, Limit.Parameters("1B").Most);

    [Fact]
    public void What_is_no_amount_or_too_little_is_said()
    {
        Assert.All(new[] { "much", "iB", "B", "GiB", "" }, text => Assert.Throws<InputException>(() => Limit.Memory(text)));
        Assert.Throws<InputException>(() => Limit.Flops("-3"));
        var advisor = new Advisor(Usual, new DeepNarrow(), DeepNarrow.UsualWidths(_ => false), PublishedOutlook.Of());
        Assert.Contains("not even the smallest shape fits", Assert.Throws<InputException>(() => advisor.For(Limit.Parameters("1000"))).Message, StringComparison.Ordinal);
    }

    private static Advisor OfRuns(Study study) => new(Usual, new DeepNarrow(), (Usual with { Run = Usual.Run with { Shape = Tried[0] } }).WidthsOf(study), StudyOutlook.Of(study));

    private static double LogWidth(Study study, Candidate target)
    {
        var interval = StudyOutlook.Of(study).Loss(target)!.Interval!;
        return Math.Log(interval.High / interval.Low);
    }

    private static double LossOf(Shape shape, int seed) => Expected(shape) * Math.Exp(0.01 * Noise(seed, shape, "loss"));

    /// <summary>Compute and depth both help.</summary>
    private static double Expected(Shape shape) => 40 * Math.Pow(Usual.Of(shape).Load.TrainingFlops, -0.06) * Math.Pow(shape.EncoderLayers, -0.03);

    private static double QualityOf(Shape shape, int seed) => 0.3 + 0.05 * Math.Log(shape.EncoderLayers) + 0.01 * Math.Log(Usual.Of(shape).Load.TrainingFlops / 1e12) + 0.005 * Noise(seed, shape, "quality");

    private static double Noise(int seed, Shape shape, string what) => Normal.InvCDF(0, 1, RandomStream.For(seed, what, shape.ModelWidth, shape.EncoderLayers).Uniform() * 0.999999 + 5e-7);

    /// <param name="dearest">What the losses of the two dearest shapes are multiplied by.</param>
    /// <param name="exact">A shape whose loss is what the fit to the others expects.</param>
    private static Study StudyOf(IReadOnlyList<Shape> shapes, int seed, bool tasks = true, Shape? exact = null, double dearest = 1)
    {
        var before = exact is null ? null : StudyOutlook.Of(StudyOf([.. shapes.Where(shape => shape != exact)], seed, tasks));
        var dear = shapes.OrderByDescending(shape => Usual.Of(shape).Load.TrainingFlops).Take(2).ToHashSet();
        double Loss(Shape shape) => (dear.Contains(shape) ? dearest : 1) * (shape == exact ? before!.Loss(Usual.Of(shape))!.Value : LossOf(shape, seed));
        return new("simulated", "", new("", "", "", 1, "", ""),
            [.. shapes.SelectMany(shape => new[] { RunOf(shape, StudyRun.Pretraining, null, "validation-loss", Loss(shape)) }.Concat(tasks ? [RunOf(shape, StudyRun.FineTuning, "area", "area/accuracy", QualityOf(shape, seed))] : []))],
            tasks ? ["area"] : [], ["training-flops"], DateTimeOffset.UnixEpoch);
    }

    private static StudyRun RunOf(Shape shape, string stage, string? task, string result, double value)
    {
        var load = Usual.Of(shape).Load;
        var dimensions = new Dictionary<string, int> { ["model-width"] = shape.ModelWidth, ["feed-forward-width"] = shape.FeedForwardWidth, ["head-width"] = shape.HeadWidth, ["heads"] = shape.Heads, ["encoder-layers"] = shape.EncoderLayers, ["decoder-layers"] = shape.DecoderLayers };
        return new($"{stage}-{ShapeName.Of(shape)}", stage, ShapeName.Of(shape), task is null ? "" : "pretrain", task, 1, "done", null,
            new(dimensions, load.Parameters, load.NonEmbeddingParameters, load.ForwardFlops, load.TrainingFlops, 0, load.MemoryBytes), 1, 1, new Dictionary<string, double> { [result] = value }, new Dictionary<string, IReadOnlyList<CurvePoint>>());
    }
}
