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
    [InlineData("10M,1e9,2.5\n2e7,1e9,2.6", "n is '10M', which is no positive number; cells are plain numbers: write 10000000")]
    [InlineData("\"10,000,000\",1e9,2.5\n2e7,1e9,2.6", "which is no positive number; cells are plain numbers: write 10000000")]
    [InlineData("1e7,1e9,3.5\n2e7,1e9,\n", "loss is '', which is no positive number")]
    [InlineData("1e7,1e9,3.5\n2e7,1e9,-2\n", "loss is '-2', which is no positive number")]
    [InlineData("1e7,1e9,3.5\n2e7,2e9,3.1\n4e7,4e9,2.9", "'chinchilla' needs 5 points to be fitted to and there are 3")]
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

    [Theory]
    [InlineData("chinchilla"), InlineData("kaplan-n"), InlineData("kaplan-d"), InlineData("{ kind: power, of: n, floor: false }"), InlineData("depth")]
    public void A_law_by_which_more_brings_no_less_loss_foretells_nothing_and_says_why(string kind)
    {
        var law = Reader.Read<ScalingLaw>(kind, "law");
        LawAnswer Answer(double exponent)
        {
            var rows = from n in new[] { 1e6, 2e6, 4e6, 8e6 } from d in new[] { 1e8, 2e8, 4e8 } from depth in new[] { 4, 8 } select (n, d, depth, Loss: 3 * Math.Pow(n * d / 1e14, -exponent) * (1 + (depth / 1000.0)));
            var table = TableOf(["n", "d", "depth", "loss"], [.. rows.Select(row => new object[] { row.n, row.d, row.depth, row.Loss })]);
            return (Question(table, law, [], []) with { At = [law.Arguments.ToDictionary(variable => variable, variable => variable == Variable.Depth ? 8 : variable == Variable.Parameters ? 1e7 : 5e8)], Replicates = 0 }).Answer();
        }
        Assert.Single(Answer(0.1).Asked);
        Assert.DoesNotContain(Answer(0.1).Doubts, doubt => doubt.Contains("should be above zero", StringComparison.Ordinal));
        Assert.Empty(Answer(-0.1).Asked);
        Assert.Single(Answer(-0.1).Doubts, doubt => doubt.Contains("should be above zero", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kaplan-n", true), InlineData("depth", true), InlineData("chinchilla", false), InlineData("power", false)]
    public void Runs_of_several_lengths_are_not_taken_together_without_a_word(string kind, bool doubted)
    {
        var law = Reader.Read<ScalingLaw>(kind, "law");
        var rows = from n in new[] { 1e6, 2e6, 4e6, 8e6 } from d in new[] { 1e8, 2e8, 4e8 } from depth in new[] { 4, 8 } select new object[] { n, d, depth, 3 * Math.Pow(n / 1e6, -0.1) * Math.Pow(d / 1e8, -0.13) * (1 + (depth / 1000.0)) };
        bool Doubted(params string[] where) => Ask(TableOf(["n", "d", "depth", "loss"], [.. rows]), law, where, []).Doubts.Any(doubt => doubt.Contains("different amounts of data (d)", StringComparison.Ordinal));
        Assert.Equal(doubted, Doubted());
        if (doubted) Assert.False(Doubted("d=1e8"));
    }

    [Fact]
    public void A_batch_that_is_the_same_everywhere_asks_for_no_critical_batch()
    {
        var truth = new[] { 6.5e13, 0.077, 2.1e3, 0.76 };
        RunTable Table(params double[] batches) => TableOf(["n", "s", "b", "loss"],
            [.. from n in new[] { 1e6, 4e6, 2e7 } from s in new[] { 1e3, 3e3, 1e4, 3e4 } from b in batches select new object[] { n, s, b, new KaplanSteps().Predict(truth, [n, s]) }]);
        ScalingGoldens.Near(0.76, Ask(Table(65536), new KaplanSteps(), [], []).Fit.Estimate.Parameters[3], 1e-3);
        Assert.Equal(4, Ask(Table(65536), new KaplanSteps(2.1e8, 0.21), [], []).Fit.Estimate.Parameters.Count);
        Assert.Contains("batches differ, so steps must be turned into Smin", Assert.Throws<InputException>(() => Ask(Table(65536, 131072), new KaplanSteps(), [], [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ kind: chinchilla, delta: -1 }"), InlineData("{ kind: chinchilla, delta: 0 }"), InlineData("{ kind: power, delta: 0 }"), InlineData("{ kind: depth, delta: 0 }"), InlineData("{ kind: envelope, delta: 0 }")]
    [InlineData("{ kind: kaplan-nd, delta: 0 }"), InlineData("{ kind: kaplan-ns, delta: 0 }"), InlineData("{ kind: kaplan-ns, bstar: -1, alpha-b: 0 }"), InlineData("{ kind: critical-batch, warm-up: -1 }"), InlineData("{ kind: unraveling, flat: 2 }")]
    public void Settings_that_no_law_can_have_are_refused_where_they_are_read(string kind) => Assert.Throws<InputException>(() => Reader.Read<ScalingLaw>(kind, "law"));

    [Fact]
    public void One_column_cannot_be_two_things()
    {
        var table = TableOf(["n", "d", "loss"], [.. Enumerable.Range(1, 6).Select(i => new object[] { 1e6 * i, 1e8 * i, 4 - (0.1 * i) })]);
        string Message(Dictionary<Variable, string> given) => Assert.Throws<InputException>(() => new LawColumns(table, given).Observations(Law, table.Rows)).Message;
        Assert.Contains("--n, --d: 'n' cannot be the column of several things", Message(new() { [Variable.Parameters] = "n", [Variable.Tokens] = "n" }), StringComparison.Ordinal);
        Assert.Contains("'d' cannot be", Message(new() { [Variable.Parameters] = "d" }), StringComparison.Ordinal); // which is that of the tokens by custom
    }

    [Theory]
    [InlineData("val_bpb", "nats per byte"), InlineData("bits_per_byte", "nats per byte"), InlineData("bpc", "nats per character"), InlineData("bits_per_token", "nats per token"), InlineData("bits", "nats per token")]
    public void Bits_of_a_byte_become_nats_of_a_byte(string column, string unit) =>
        Assert.Equal(unit, new LawColumns(new("t", [column], []), new Dictionary<Variable, string> { [Variable.Loss] = column }, InBits: true).UnitOf(Variable.Loss));

    [Fact]
    public void A_file_that_is_not_there_is_no_matter_of_recipes() =>
        Assert.DoesNotContain("recipe", Assert.Throws<InputException>(() => RunTable.Read("no-such-file.csv")).Message, StringComparison.Ordinal);

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

    private static RunTable TableOf(string[] columns, object[][] rows) =>
        new("t", columns, [.. rows.Select((cells, i) => new Allometry.Text.Row("t", i + 1, columns.Zip(cells).ToDictionary(pair => pair.First, pair => Convert.ToString(pair.Second, CultureInfo.InvariantCulture)!)))]);

    private static LawAnswer Ask(RunTable table, ScalingLaw law, string[] where, string[] heldOut) => (Question(table, law, where, heldOut) with { Replicates = 100 }).Answer();

    private static LawQuestion Question(RunTable table, ScalingLaw law, string[] where, string[] heldOut)
    {
        var given = table == ScalingGoldens.OpenLm ? new Dictionary<Variable, string> { [Variable.Parameters] = "params_total", [Variable.Loss] = "loss_c4_val" } : [];
        return new(law, new(table, given), [.. where.Select(text => Condition.Parse("--where", text, table))], [.. heldOut.Select(text => Condition.Parse("--holdout", text, table))], []);
    }
}
