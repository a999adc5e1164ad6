using System.Globalization;
using Allometry.Analysis.Laws;
using Allometry.Kinds;

namespace Allometry.Tests.Analysis.Laws;

/// <summary>What a person asks of a table, and what is answered to a table that will not do.</summary>
public sealed class LawQuestionTests
{
    private static readonly Chinchilla Law = new();

    [Fact]
    public void Rows_held_out_are_foretold_and_conditions_on_their_column_choose_only_what_is_fitted()
    {
        var answer = Ask(ScalingGoldens.OpenLm, Law, ["train_set=rpj", "params_total<5e8", "multiplier>=1"], ["params_total>=5e8"]);
        Assert.Equal(24, answer.Fit.Rows.Count);
        Assert.Equal(["rpj-open_lm_1b-1.0", "rpj-open_lm_1b-32.0", "rpj-open_lm_7b-1.0"], answer.BackTests.Single().Tests.Select(test => test.Observed.Run).Order(StringComparer.Ordinal));
        Assert.Equal(0.0076, answer.BackTests[0].Figures.Mare, 1e-4);
        Assert.Equal(16.7, answer.BackTests[0].Figures.Extrapolation, 0.1);
    }

    [Fact]
    public void Without_rows_held_out_the_cheap_foretell_the_dear_at_two_cuts()
    {
        var answer = Ask(ScalingGoldens.OpenLm, Law, ["train_set=rpj"], []);
        Assert.Equal(2, answer.BackTests.Count);
        Assert.All(answer.BackTests, test => Assert.True(test.Fit.Rows.Max(row => Law.Cost(row.X)) < test.Tests.Min(tested => Law.Cost(tested.Observed.X))));
        Assert.All(answer.BackTests, test => Assert.True(test.Figures.Mare < test.PowerLawFigures!.Mare));
    }

    [Fact]
    public void What_lies_thirty_times_beyond_is_refused_unless_it_is_asked_for()
    {
        var question = Question(ScalingGoldens.OpenLm, Law, ["train_set=rpj"], []) with { At = [new Dictionary<Variable, double> { [Variable.Parameters] = 1e12, [Variable.Tokens] = 1e11 }], Replicates = 0 };
        Assert.Contains("times beyond what was fitted, more than 30; fit larger runs, or give --far", Assert.Throws<InputException>(() => question.Answer()).Message, StringComparison.Ordinal);
        Assert.True((question with { Far = true }).Answer().Asked.Single().Foretold.Extrapolation > 30);
    }

    [Fact]
    public void Compute_alone_is_split_as_the_law_says_is_best()
    {
        var answer = (Question(ScalingGoldens.OpenLm, Law, ["train_set=rpj"], []) with { At = [new Dictionary<Variable, double> { [Variable.Compute] = 1e20 }], Replicates = 0 }).Answer();
        var (x, law) = (answer.Asked.Single().At.Select(pair => pair.Value).ToArray(), answer.Fit.Estimate.Parameters);
        ScalingGoldens.Near(1e20, Compute.Of(x[0], x[1]), 1e-9);
        Assert.True(Law.Predict(law, x) < Law.Predict(law, [x[0] * 1.01, x[1] / 1.01]));
    }

    [Theory]
    [InlineData("3,1e9,2.5\nnan,1e9,2.6", "n is 'nan', which is no positive number")]
    [InlineData("1e7,1e9,3.5\n2e7,1e9,\n", "loss is '', which is no positive number")]
    [InlineData("1e7,1e9,3.5\n2e7,1e9,-2\n", "loss is '-2', which is no positive number")]
    [InlineData("1e7,1e9,3.5\n2e7,2e9,3.1\n4e7,4e9,2.9", "'chinchilla' has 5 unknowns at least and there are 3 points")]
    [InlineData("1e7,1e9,3.5\n1e7,2e9,3.4\n1e7,3e9,3.3\n1e7,4e9,3.2\n1e7,5e9,3.1\n1e7,6e9,3.0", "all have the same parameters (n)")]
    [InlineData("1e7,1e9,3\n2e7,2e9,3\n3e7,3e9,3\n4e7,4e9,3\n5e7,5e9,3\n6e7,6e9,3", "the loss (loss) is the same everywhere (3)")]
    [InlineData("1e7,1e9,3\n2e7,2e9,2.9\n1e7,1e9,3\n4e7,4e9,2.8\n5e7,5e9,2.7\n6e7,6e9,2.6", "is the same run as")]
    [InlineData("1e7,1e9,33\n2e7,2e9,29\n", "are these bits (--bits) or perplexities")]
    public void A_table_that_will_not_do_is_told_what_is_wrong_with_it(string rows, string expected)
    {
        using var folder = new Store.TemporaryFolder();
        var file = Path.Combine(folder.Path, "runs.csv");
        File.WriteAllText(file, $"n,d,loss\n{rows}\n");
        Assert.Contains(expected, Assert.Throws<InputException>(() => Ask(RunTable.Read(file), Law, [], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measurement_along_a_curve_that_is_there_twice_is_refused_and_a_loss_that_stays_is_not()
    {
        RunTable Table(params (string Run, int Step, double Loss)[] rows) => new("t", ["run", "n", "s", "loss"], [.. rows.Select((row, i) => new Allometry.Text.Row("t", i + 1, new Dictionary<string, string> { ["run"] = row.Run, ["n"] = "1e6", ["s"] = $"{row.Step}", ["loss"] = row.Loss.ToString(CultureInfo.InvariantCulture) }))]);
        IReadOnlyList<Observation> Read(RunTable table) => new LawColumns(table, new Dictionary<Variable, string>(), "run").Observations(new KaplanSteps(), table.Rows);
        Assert.Equal(4, Read(Table(("x", 10, 3), ("x", 20, 3), ("y", 10, 3), ("y", 20, 2.9))).Count); // another place of one run, and another run at the same place
        var problem = Assert.Single(Assert.Throws<InputException>(() => Read(Table(("x", 10, 3), ("x", 20, 2.9), ("x", 10, 3)))).Problems);
        Assert.Equal(("t:3", true), (problem.Where, problem.What.StartsWith("is the same measurement as t:1", StringComparison.Ordinal)));
    }

    [Fact]
    public void All_wrong_cells_are_told_at_once_with_their_lines_but_no_more_than_ten()
    {
        using var folder = new Store.TemporaryFolder();
        var file = Path.Combine(folder.Path, "runs.csv");
        File.WriteAllText(file, "n,d,loss\n" + string.Concat(Enumerable.Repeat("x,1e9,2\n", 14)));
        var problems = Assert.Throws<InputException>(() => Ask(RunTable.Read(file), Law, [], [])).Problems;
        Assert.Equal($"{file}:2", problems[0].Where);
        Assert.Equal((11, "and 4 more cells or rows are wrong"), (problems.Count, problems[^1].What));
    }

    [Theory]
    [InlineData("bits_per_token", true), InlineData("val_bpb", true), InlineData("ppl", true), InlineData("habitat", false), InlineData("loss", false)]
    public void Losses_in_bits_and_perplexities_are_known_by_their_column(string column, bool refused)
    {
        var rows = Enumerable.Range(1, 6).Select(i => new Allometry.Text.Row("t", i, new Dictionary<string, string> { ["n"] = $"{i}e7", ["d"] = $"{i}e9", [column] = (4.0 - i * 0.1).ToString(CultureInfo.InvariantCulture) })).ToArray();
        var columns = new LawColumns(new("t", ["n", "d", column], rows), new Dictionary<Variable, string> { [Variable.Loss] = column });
        var message = Record.Exception(() => columns.Observations(Law, rows))?.Message ?? "";
        Assert.Equal(refused, message.Contains("laws are of nats per token", StringComparison.Ordinal));
    }

    [Fact]
    public void Bits_become_nats_where_that_is_said()
    {
        var nats = Question(ScalingGoldens.OpenLm, Law, ["train_set=rpj"], []);
        var (plain, turned) = (nats.Columns.Observations(Law, nats.Columns.Table.Rows), (nats.Columns with { InBits = true }).Observations(Law, nats.Columns.Table.Rows));
        Assert.All(plain.Zip(turned), pair => Assert.Equal(pair.First.Y * 0.69314718056, pair.Second.Y, 1e-9));
    }

    [Theory]
    [InlineData("parms<5", "'parms' is no column of .*; did you mean 'params_total'|known are")]
    [InlineData("params_total", "compares nothing")]
    public void A_condition_that_cannot_be_read_is_told(string text, string expected) =>
        Assert.Matches(expected, Assert.Throws<InputException>(() => Condition.Parse("--where", text, ScalingGoldens.OpenLm)).Message);

    [Theory]
    [InlineData("a<5", true), InlineData("a <= 4", true), InlineData("a>4", false), InlineData("a>=4.0", true), InlineData("a=4", true), InlineData("a==4.00", true), InlineData("a!=4", false)]
    [InlineData("b=red", true), InlineData("b!=red", false), InlineData("b<3", false), InlineData("a=b=x", true)]
    public void Conditions_compare_numbers_as_numbers_and_words_as_words(string text, bool holds)
    {
        var row = new Allometry.Text.Row("t", 1, new Dictionary<string, string> { ["a"] = "4", ["b"] = "red", ["a=b"] = "x" });
        Assert.Equal(holds, Condition.Parse("--where", text, new("t", ["a", "b", "a=b"], [row])).Holds(row));
    }

    [Fact]
    public void A_column_that_is_not_there_is_told_with_the_nearest() =>
        Assert.Contains("--n: 'param_total' is no column of", Assert.Throws<InputException>(() =>
            new LawColumns(ScalingGoldens.OpenLm, new Dictionary<Variable, string> { [Variable.Parameters] = "param_total" }).Observations(Law, [])).Message, StringComparison.Ordinal);

    private static LawAnswer Ask(RunTable table, ScalingLaw law, string[] where, string[] heldOut) => (Question(table, law, where, heldOut) with { Replicates = 100 }).Answer();

    private static LawQuestion Question(RunTable table, ScalingLaw law, string[] where, string[] heldOut)
    {
        var given = table == ScalingGoldens.OpenLm ? new Dictionary<Variable, string> { [Variable.Parameters] = "params_total", [Variable.Loss] = "loss_c4_val" } : [];
        return new(law, new(table, given), [.. where.Select(text => Condition.Parse("--where", text, table))], [.. heldOut.Select(text => Condition.Parse("--holdout", text, table))], []);
    }
}
