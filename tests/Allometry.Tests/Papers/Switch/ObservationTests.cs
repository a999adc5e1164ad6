using Allometry.Analysis;
using Allometry.Benchmarks;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Reports;
using Allometry.Tests.Reports;
using Allometry.Training;

namespace Allometry.Tests.Papers.Switch;

/// <summary>What routers do is measured step by step, and shown.</summary>
public class ObservationTests
{
    private static readonly BenchShape Small = new(new Shape(8, 12, 4, 2, 2, 2, 50), Batch: 3, InputLength: 16, TargetLength: 8);

    [Theory, InlineData(1), InlineData(3)]
    public void Every_sparse_layer_tells_load_drops_and_entropy_of_a_step(int parts)
    {
        var experts = new SwitchFeedForward(4) { Capacity = new FactorCapacity(0.5, Least: 1) };
        using var model = new EncoderDecoder { FeedForward = new InTurnFeedForward { Of = [new DenseFeedForward(), experts] } }.Build(Small.Shape);
        using var trainer = new Trainer(model, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options), Small.Source(), new(new AdamW(), 1e-3, new Constant(), parts), 2, 1);
        foreach (var step in trainer.Steps(TestContext.Current.CancellationToken))
        {
            var layers = step.Layers;
            Assert.Equal(["decoder.1", "encoder.1"], layers.Keys.Select(name => name.Split('/')[0]).Distinct().Order());
            foreach (var layer in (string[])["encoder.1", "decoder.1"])
            {
                Assert.Equal(4, layers.Where(each => each.Key.StartsWith($"{layer}/load/", StringComparison.Ordinal)).Sum(each => each.Value), 1e-9);
                Assert.InRange(layers[$"{layer}/dropped"], 0.5, 1); // there are slots for half of the tokens
                Assert.InRange(layers[$"{layer}/entropy"], 0.5 * Math.Log(4), Math.Log(4) + 1e-6); // routers begin undecided
            }
        }
    }

    [Fact]
    public void Dense_layers_tell_nothing()
    {
        using var model = new EncoderDecoder().Build(Small.Shape);
        using var trainer = new Trainer(model, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options), Small.Source(), new(new AdamW(), 1e-3, new Constant()), 1, 1);
        Assert.Empty(Assert.Single(trainer.Steps(TestContext.Current.CancellationToken)).Layers);
        Assert.DoesNotContain(Report.From(SampleStudy.OneSeed).Sections, section => section.Name == "experts");
    }

    [Fact]
    public void The_report_draws_what_was_measured_as_means_over_seeds()
    {
        IReadOnlyList<CurvePoint> Curve(params double[] values) => [.. values.Select((value, i) => new CurvePoint(i + 1, 100 * (i + 1), i, value))];
        var sample = SampleStudy.Of(seeds: 2, withFailure: false);
        var study = sample with
        {
            Runs = [.. sample.Runs.Select(run => run.Shape != "wide-2" || run.Stage != StudyRun.Pretraining ? run : run with
            {
                Curves = new Dictionary<string, IReadOnlyList<CurvePoint>>
                {
                    ["layers/encoder.1/load/0"] = Curve(1.5, 1.0 + (0.1 * run.Seed)), ["layers/encoder.1/load/1"] = Curve(0.5, 1.0 - (0.1 * run.Seed)),
                    ["layers/encoder.1/dropped"] = Curve(0.2, 0.1 * run.Seed), ["layers/encoder.1/entropy"] = Curve(0.7, 0.1),
                },
            })],
        };
        var charts = Report.From(study).Sections.Single(section => section.Name == "experts").Blocks.Cast<Chart>().ToDictionary(chart => chart.Name, chart => Assert.Single(chart.Series));
        Assert.All(charts.Values, series => Assert.Equal("wide-2, encoder.1", series.Name));
        Assert.Equal([(100, 1.5), (200, 1.15)], charts["expert-load"].Points.Select(point => (point.X, Math.Round(point.Y, 9))));
        Assert.Equal([(100, 0.2), (200, 0.15)], charts["dropped-tokens"].Points.Select(point => (point.X, Math.Round(point.Y, 9))));
        Assert.Equal([(100, 0.7), (200, 0.1)], charts["router-entropy"].Points.Select(point => (point.X, Math.Round(point.Y, 9))));
        Assert.Equal([(0, 1.15), (1, 0.85)], charts["expert-loads"].Points.Select(point => (point.X, Math.Round(point.Y, 9))));
    }
}
