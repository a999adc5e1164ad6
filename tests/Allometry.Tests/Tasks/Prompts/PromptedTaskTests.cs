using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tasks.Prompts;
using Allometry.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Tasks.Prompts;

public sealed class PromptedTaskTests : IDisposable
{
    private const string Copa = """
        name: t
        files: { validation: rows.csv }
        prompt: "{premise} What is the {question}?"
        answer: { kind: choice, column: label, choices: ["{choice1}", "so {choice2}"] }
        metrics: [accuracy]
        input-length: 64
        target-length: 32
        """;

    private readonly TaskFolder folder = new();

    public static TheoryData<string> Ready => [.. Catalogue.Of(typeof(PromptedTask)).Select(entry => entry.Name)];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_row_may_bring_its_own_choices_and_the_likeliest_is_taken()
    {
        folder.Write("rows.csv", "premise,choice1,choice2,question,label\nIt rained.,wet,dry it stayed,effect,0\nHe ran.,late,slow,cause,1\nShe won.,joy,tears of rage,effect,0\n");
        var data = folder.Load(Copa);
        Assert.Equal([("It rained. What is the effect?", "wet"), ("He ran. What is the cause?", "so slow"), ("She won. What is the effect?", "joy")], data.Of(Split.Validation).Select(row => (row.Input, row.Target)));
        manual_seed(2);
        using var model = new EncoderDecoder().Build(new Shape(16, 32, 8, 2, 1, 1, 384));
        var result = new Evaluation().Run(model, data, Split.Validation, new ByteTokenizer(), TestContext.Current.CancellationToken);
        Assert.Equal(data.Of(Split.Validation).Select(row => row.Choices!.MaxBy(choice => Score(model, row.Input, choice))), result.Predictions.Select(prediction => prediction.Text));
        Assert.All(result.Predictions, prediction => Assert.All(prediction.Example.Choices!.Zip(prediction.LogProbabilities!), pair => Assert.Equal(Score(model, prediction.Example.Input, pair.First), pair.Second, 1e-4)));
        Assert.Equal((0.5, 2.0 / 3), (result.Chance, result.Primary.Majority)); // the first choice is right in two of three
    }

    [Fact]
    public void A_label_that_is_none_of_the_choices_is_told_with_its_row()
    {
        folder.Write("rows.csv", "premise,choice1,choice2,question,label\nIt rained.,wet,dry,effect,2\n");
        var problem = Assert.Single(Assert.Throws<InputException>(() => folder.Load(Copa)).Problems);
        Assert.EndsWith("rows.csv:2", problem.Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("It rained.,,dry,effect,1", "is empty")]
    [InlineData("It rained.,so wet,wet,effect,0", "two of its choices are 'so wet'")]
    public void Choices_that_no_answer_can_be_told_by_are_told_with_their_row(string row, string what)
    {
        folder.Write("rows.csv", $"premise,choice1,choice2,question,label\n{row}\n");
        var problem = Assert.Single(Assert.Throws<InputException>(() => folder.Load(Copa)).Problems);
        Assert.EndsWith("rows.csv:2", problem.Where, StringComparison.Ordinal);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Spread_over_templates_is_that_of_the_definitions()
    {
        var spread = TemplateSpread.Of([0.5, 0.7, 0.4, 0.6]);
        Assert.Equal(0.55, spread.Mean, 1e-12);
        Assert.Equal((0.55, 0.475, 0.625), (Math.Round(spread.Median, 12), Math.Round(spread.LowerQuartile, 12), Math.Round(spread.UpperQuartile, 12)));
        Assert.Equal((0.4, 0.7), (spread.Lowest, spread.Highest));
        Assert.Equal(0.129099444873581, spread.Deviation, 1e-12);
        Assert.Equal(0, TemplateSpread.Of([0.5]).Deviation);
    }

    [Fact]
    public void A_limit_chooses_the_same_rows_for_every_template()
    {
        folder.Write("rows.csv", "text,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"row {i},{i}\n")));
        IReadOnlyList<string> Rows(string prompt) => [.. TaskData.LoadAlike(folder.Task($"{{ name: t, files: {{ test: rows.csv, limit: {{ test: 9 }} }}, prompt: '{prompt} {{text}}', answer: {{ kind: text, template: '{{label}}' }}, metrics: [accuracy] }}")).Of(Split.Test).Select(row => row.Target)];
        Assert.Equal(9, Rows("one").Count);
        Assert.Equal(Rows("one"), Rows("another"));
    }

    [Theory]
    [InlineData(1000, 500_000, 7, 1000)]
    [InlineData(300_000, 500_000, 7, 71_428)]
    [InlineData(50, 10, 20, 1)]
    public void A_template_counts_for_its_rows_capped_at_its_share_of_the_cap(int rows, int cap, int templates, double rate) => Assert.Equal(rate, PromptedMixture.Rate(rows, cap, templates));

    [Theory]
    [InlineData("files: { train: a.csv }, templates: [{ name: a, prompt: '{x}', answer: { kind: text, template: '{x}' } }]", "differ from template to template")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a, prompt: '{x}', original: false, answer: { kind: text, template: '{x}' } }]", "no template that asks")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a, prompt: '{x', answer: { kind: text, template: '{x}' } }]", "is not closed")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a, prompt: '{x}', answer: { kind: choice, column: y, choices: ['{x}'] } }]", "two texts at least")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a, prompt: '{x}', answer: { kind: choice, column: y, choices: ['{x}', '{z}', '{x}'] } }]", "\"{x}\" stands there twice")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a/b, prompt: '{x}', answer: { kind: text, template: '{x}' } }]", "'a/b' cannot name a template")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a, prompt: '{x}', answer: { kind: label, column: y, labels: { s: yes, b: yes } } }]", "have the word 'yes', which makes one class of them")]
    [InlineData("files: { test: a.csv }, metrics: [], templates: [{ name: a, prompt: '{x}', answer: { kind: text, template: '{x}' } }]", "of 'a': no metric is named")]
    [InlineData("files: { test: a.csv }, metrics: [accuracy, accuracy], templates: [{ name: a, prompt: '{x}', answer: { kind: text, template: '{x}' } }]", "of 'a': the metric 'accuracy' is named twice")]
    [InlineData("files: { test: a.csv }, metrics: [{ kind: f1, positive: typo }], templates: [{ name: a, prompt: '{x}', answer: { kind: label, column: y, labels: [yes, no] } }]", "f1's positive class 'typo' is no label word")]
    [InlineData("files: { test: a.csv }, metrics: [f1], templates: [{ name: a, prompt: '{x}', answer: { kind: text, template: '{x}' } }]", "of 'a': the metric 'f1' counts classes")]
    [InlineData("files: { test: a.csv }, templates: [{ name: a, prompt: '{x}', answer: { kind: text, template: '{x}' } }, { name: b, prompt: 'b {x}', answer: { kind: text, template: '{x}' }, metrics: [token-f1] }]", "first metrics that are not alike (accuracy, token-f1)")]
    public void What_is_no_set_of_prompts_is_refused_where_it_stands(string members, string what) => Assert.Contains(
        Assert.Throws<InputException>(() => Reader.Read<PromptedTask>($"{{ name: s, cluster: c, {members} }}", "recipe.yaml")).Problems, problem => problem.What.Contains(what, StringComparison.Ordinal));

    [Theory, MemberData(nameof(Ready))]
    public void Every_ready_set_has_at_least_five_templates_of_its_own_words(string name)
    {
        var set = Reader.Read<PromptedTask>(name, "recipe.yaml");
        Assert.True(set.Templates.Count(template => template.Original) >= 5, name);
        Assert.Equal(set.Templates.Count, set.Templates.Select(template => template.Prompt).Distinct().Count());
        Assert.True(set.Files.Train is null || set.Templates.Count(template => !template.Original) >= 2, name);
        Assert.All(set.Tasks.Where(task => task.Answer.Words is not null), task => LabelTokens.Check(task, Text.Sources.T5));
    }

    [Theory] // the majority rates of the validation rows, metro-t0.md section 6
    [InlineData("prompted-rte", 277, 0.527)]
    [InlineData("prompted-cb", 56, 0.5)]
    [InlineData("prompted-copa", 100, 0.55)]
    [InlineData("prompted-wic", 638, 0.5)]
    [InlineData("prompted-wsc", 104, 0.635)]
    [InlineData("prompted-boolq", 3270, 0.622)]
    public void Held_out_sets_have_their_published_rows_and_majorities(string name, int rows, double majority)
    {
        var set = Located(name);
        Assert.All(set.Tasks, task =>
        {
            var data = TaskData.Load(task);
            var examples = data.Of(Split.Validation);
            Assert.Equal(rows, examples.Count);
            Assert.Equal(majority, examples.Count(example => example.Target == data.MajorityOf(example)) / (double)rows, 0.0006);
        });
    }

    [Theory, MemberData(nameof(Ready))]
    public void Every_ready_set_reads_its_tables_through_all_its_templates(string name)
    {
        var set = Located(name);
        Assert.All(set.Tasks, task => Assert.NotEmpty(TaskData.Load(task with { Files = task.Files with { Limit = new(50, 50, 50) } }).Of(set.Files.Validation is null ? Split.Test : Split.Validation)));
    }

    private static PromptedTask Located(string name)
    {
        var set = Reader.Read<PromptedTask>(name, "recipe.yaml");
        foreach (var file in DataFiles.In(set))
            Assert.SkipWhen(TableFile.OnDisk(DataFolder.Resolve(file, ".")) is null, $"{file} is not there: set {DataFolder.Variable} to the folder that holds it.");
        return DataFiles.Located(set, ".");
    }

    private static double Score(LanguageModel model, string input, string choice)
    {
        using var scope = NewDisposeScope();
        using var batch = Batch.Of([new([.. new ByteTokenizer().Encode(input), 1], [.. new ByteTokenizer().Encode(choice), 1])]);
        return model.Score(batch.Inputs, batch.InputMask, batch.Targets).ToDouble();
    }
}
