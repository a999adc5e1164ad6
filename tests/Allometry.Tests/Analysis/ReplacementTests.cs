using Allometry.Analysis;
using Allometry.Text;

namespace Allometry.Tests.Analysis;

public sealed class ReplacementTests
{
    [Fact]
    public void A_worked_case_says_how_much_less_of_each_cost_does_as_well()
    {
        var findings = Findings.Of(TableStudy.Of(
            new("base", 200, 10, 40, [(3.0, 0.70, 100)]),
            new("tall", 120, 8, 50, [(2.9, 0.71, 90)]),     // better in both, dearer in memory alone
            new("tiny", 100, 2, 10, [(2.8, 0.60, 20)]),     // as good upstream only
            new("huge", 900, 90, 90, [(2.0, 0.90, 900)])));
        var downstream = findings.Replacements(findings.Main).Single(answer => answer.Baseline.Name == "base");
        Assert.Equal("tall", downstream.By!.Name);
        Assert.Equal([0.4, 0.2, 0.1, -0.25], downstream.Savings.Select(saving => Math.Round(saving.Share, 12)));
        Assert.Equal(["parameters", "training-flops", "seconds", "memory"], downstream.Savings.Select(saving => saving.Cost.Name));
        var upstream = findings.Replacements(Yardstick.Loss).Single(answer => answer.Baseline.Name == "base");
        Assert.Equal("tiny", upstream.By!.Name);
        Assert.Equal([0.5, 0.8, 0.8, 0.75], upstream.Savings.Select(saving => Math.Round(saving.Share, 12)));
        Assert.Null(findings.Replacements(findings.Main).Single(answer => answer.Baseline.Name == "huge").By);
        Assert.Null(findings.Replacements(findings.Main).Single(answer => answer.Baseline.Name == "tiny").By);
    }

    [Fact]
    public void It_is_the_cheapest_of_all_that_are_as_good_by_trying_all()
    {
        for (var study = 0; study < 50; study++)
        {
            var random = RandomStream.For(study, "replacements");
            var lines = Enumerable.Range(0, 8).Select(i => new TableStudy.Line($"s{i}", 1 + random.Below(100), 1 + random.Below(100), 1 + random.Below(100), [(random.Uniform(), random.Below(5) / 10.0, 1 + random.Below(100))])).ToArray();
            var findings = Findings.Of(TableStudy.Of(lines));
            foreach (var answer in findings.Replacements(findings.Main))
            {
                var own = lines.Single(line => line.Name == answer.Baseline.Name);
                double Product(TableStudy.Line line) => line.Parameters * line.Flops * line.Memory * line.Seeds[0].Seconds;
                var best = lines.Where(line => line.Name != own.Name && line.Seeds[0].Quality >= own.Seeds[0].Quality && Product(line) < Product(own) * (1 - 1e-9)).Select(line => (double?)Product(line)).Min();
                Assert.Equal(best, lines.Where(line => line.Name == answer.By?.Name).Select(line => (double?)Product(line)).SingleOrDefault());
            }
        }
    }

    // The truth is known: shapes' true means are the ladder below, and every study sees it through the noise of three seeds.
    [Fact]
    public void Intervals_of_generated_studies_hold_the_truth_as_often_as_they_say()
    {
        (string Name, double Cost, double Quality)[] truth = [("a", 1, 0.50), ("b", 2, 0.56), ("c", 3, 0.53), ("d", 4, 0.60), ("e", 6, 0.58), ("f", 8, 0.555)];
        double TrueSaving((string Name, double Cost, double Quality) shape) => 1 - (truth.Where(other => other.Quality >= shape.Quality).Min(other => other.Cost) / shape.Cost);
        var (held, asked) = (0, 0);
        for (var study = 0; study < 60; study++)
        {
            var random = RandomStream.For(study, "generated");
            var findings = Findings.Of(TableStudy.Of([.. truth.Select(shape => BootstrapTests.Noisy(shape.Name, shape.Cost, shape.Quality, 3, random))]));
            foreach (var answer in findings.Replacements(findings.Main))
            {
                var saving = answer.Savings.Single(one => one.Cost.Name == "parameters");
                asked++;
                if (saving.Interval!.Low - 1e-9 <= TrueSaving(truth.Single(shape => shape.Name == answer.Baseline.Name)) && TrueSaving(truth.Single(shape => shape.Name == answer.Baseline.Name)) <= saving.Interval.High + 1e-9) held++;
            }
        }
        Assert.InRange((double)held / asked, 0.92, 1);
    }

    [Fact]
    public void Certainty_is_how_often_it_would_be_as_good_with_other_seeds()
    {
        var random = RandomStream.For(5, "certain");
        Findings Of(double gap) => Findings.Of(TableStudy.Of(BootstrapTests.Noisy("cheap", 1, 0.6 + gap, 3, random), BootstrapTests.Noisy("dear", 2, 0.6, 3, random)));
        var clear = Of(0.2).Replacements(Of(0.2).Main);
        var findings = Of(0.2);
        Assert.Equal(1, findings.Replacements(findings.Main).Single(answer => answer.Baseline.Name == "dear").Certainty);
        Assert.NotEmpty(clear);
        var level = Enumerable.Range(0, 30).Select(_ => Of(0)).Select(study => study.Replacements(study.Main).Single(answer => answer.Baseline.Name == "dear")).Where(answer => answer.By is not null).ToArray();
        Assert.All(level, answer => Assert.InRange(answer.Certainty!.Value, 0.3, 1)); // chosen because it came out ahead
        Assert.Contains(level, answer => answer.Certainty < 0.95);
    }
}
