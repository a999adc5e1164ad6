using Allometry.Analysis;
using Allometry.Text;

namespace Allometry.Tests.Analysis;

public sealed class BootstrapTests
{
    private static readonly CostAxis Parameters = CostAxis.Find("parameters")!, Seconds = CostAxis.Find("seconds")!;

    private static Yardstick Quality(Findings findings) => findings.Main;

    // Three shapes with two seeds: every way of drawing their six runs is tried.
    [Fact]
    public void The_probability_of_standing_on_the_frontier_is_that_of_all_ways_to_draw_the_runs()
    {
        TableStudy.Line[] lines =
        [
            new("small", 1, 1, 1, [(3, 0.50, 10), (3.1, 0.54, 11)]),
            new("middle", 2, 1, 1, [(2.9, 0.53, 12), (2.8, 0.55, 12)]),
            new("large", 3, 1, 1, [(2.7, 0.52, 9), (2.6, 0.57, 14)]),
        ];
        var findings = Findings.Of(TableStudy.Of(lines));
        foreach (var cost in new[] { Parameters, Seconds })
            foreach (var yardstick in new[] { Quality(findings), Yardstick.Loss })
            {
                var found = findings.OnFrontier(yardstick, cost)!;
                foreach (var (name, exact) in Enumerated(lines, cost == Seconds, yardstick == Yardstick.Loss))
                    Assert.Equal(exact, found.GetValueOrDefault(name), 4 * Math.Sqrt((exact * (1 - exact) / Bootstrap.Usual) + 1e-9));
            }
    }

    [Fact]
    public void Shapes_far_apart_are_certain_and_of_equals_the_dearer_one_stands_on_it_half_of_the_time()
    {
        var random = RandomStream.For(1, "equals");
        var shares = Enumerable.Range(0, 40).Select(_ =>
        {
            var findings = Findings.Of(TableStudy.Of(
                Noisy("cheap", 1, 0.5, 3, random), Noisy("equal", 2, 0.5, 3, random), Noisy("worse", 3, 0.2, 3, random), Noisy("best", 4, 0.9, 3, random)));
            var found = findings.OnFrontier(findings.Main, Parameters)!;
            Assert.Equal((1, 0, 1), (found["cheap"], found.GetValueOrDefault("worse"), found["best"]));
            return found.GetValueOrDefault("equal");
        }).ToArray();
        Assert.InRange(shares.Average(), 0.35, 0.65);
    }

    [Fact]
    public void A_mean_of_more_seeds_moves_less()
    {
        var random = RandomStream.For(2, "seeds");
        var findings = Findings.Of(TableStudy.Of(Noisy("two", 1, 0.5, 2, random), Noisy("eight", 2, 0.5, 8, random)));
        double Deviation(int shape) => Spread.Of(findings.Draws.Select(draw => draw[shape].Scores.Quality!.Mean))!.StandardDeviation!.Value;
        Assert.Equal(2, Deviation(0) / Deviation(1), 0.2);
    }

    [Fact]
    public void A_shape_with_one_seed_is_not_taken_to_be_exact()
    {
        var random = RandomStream.For(3, "one");
        var findings = Findings.Of(TableStudy.Of(Noisy("three", 1, 0.5, 3, random), Noisy("one", 2, 0.5, 1, random)));
        Assert.True(findings.Draws.Select(draw => draw[1].Scores.Quality!.Mean).Distinct().Count() > 1);
    }

    [Fact]
    public void With_one_seed_everywhere_nothing_is_claimed()
    {
        var findings = Findings.Of(TableStudy.Of(new TableStudy.Line("a", 1, 1, 1, [(3, 0.5, 1)]), new TableStudy.Line("b", 2, 2, 2, [(2, 0.6, 1)])));
        Assert.Empty(findings.Draws);
        Assert.Null(findings.OnFrontier(findings.Main, Parameters));
        var answer = findings.Replacements(Yardstick.Loss)[0];
        Assert.All(answer.Savings, saving => Assert.Null(saving.Interval));
        Assert.Null(answer.Certainty);
    }

    internal static TableStudy.Line Noisy(string name, double cost, double quality, int seeds, RandomStream random, double noise = 0.02)
    {
        double Normal() => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, random.Uniform() + 1e-12);
        return new(name, 1000 * cost, 1e12 * cost, 1e6 * cost, [.. Enumerable.Range(0, seeds).Select(_ => (4 - quality + (noise * Normal()), quality + (noise * Normal()), 10 * cost * Math.Exp(0.01 * Normal())))]);
    }

    private static IEnumerable<(string Name, double Share)> Enumerated(TableStudy.Line[] lines, bool seconds, bool loss)
    {
        var factor = Math.Sqrt(2.0);
        var means = lines.Select(line => (Score: line.Seeds.Average(seed => loss ? -seed.Loss : seed.Quality), LogSeconds: line.Seeds.Average(seed => Math.Log(seed.Seconds)), Seconds: line.Seeds.Average(seed => seed.Seconds))).ToArray();
        var pool = lines.Zip(means).SelectMany(pair => pair.First.Seeds.Select(seed => (Score: factor * ((loss ? -seed.Loss : seed.Quality) - pair.Second.Score), LogSeconds: factor * (Math.Log(seed.Seconds) - pair.Second.LogSeconds)))).ToArray();
        var pairs = (from a in pool from b in pool select (Score: (a.Score + b.Score) / 2, LogSeconds: (a.LogSeconds + b.LogSeconds) / 2)).ToArray();
        var counts = new double[3];
        foreach (var first in pairs)
            foreach (var second in pairs)
                foreach (var third in pairs)
                {
                    var points = new[] { first, second, third }.Select((by, i) => (Score: means[i].Score + by.Score, Cost: seconds ? means[i].Seconds * Math.Exp(by.LogSeconds) : lines[i].Parameters)).ToArray();
                    for (var i = 0; i < 3; i++)
                        if (!points.Any(other => other.Cost <= points[i].Cost && other.Score >= points[i].Score && (other.Cost < points[i].Cost || other.Score > points[i].Score))) counts[i]++;
                }
        return lines.Select((line, i) => (line.Name, counts[i] / Math.Pow(pairs.Length, 3)));
    }
}
