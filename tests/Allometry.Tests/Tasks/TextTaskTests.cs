using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;
using CsCheck;

namespace Allometry.Tests.Tasks;

public sealed class TextTaskTests : IDisposable
{
    private const string Tag = """
        name: tag
        files: { train: train.csv, validation: [more/validation.jsonl] }
        prompt: "tag {{x}}: {text}"
        answer: { kind: label, column: tag, labels: { 1: returns, 0: summary } }
        metrics: [accuracy, macro-f1]
        """;

    private readonly TaskFolder folder = new TaskFolder()
        .Write("train.csv", "text,tag\n\" The size, in bytes \",0\nA list,1\nA file,1\n")
        .Write("more/validation.jsonl", "{\"text\": \"A stream\", \"tag\": 1, \"unused\": null}\n");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_task_written_in_YAML_turns_rows_into_texts()
    {
        var data = folder.Load(Tag);

        Assert.Equal(["tag {x}:  The size, in bytes ", "tag {x}: A list", "tag {x}: A file"], data.Of(Split.Train).Select(row => row.Input));
        Assert.Equal(["summary", "returns", "returns"], data.Of(Split.Train).Select(row => row.Target));
        Assert.Equal(new TextExample("tag {x}: A stream", "returns", Path.Combine(folder.Root, "more", "validation.jsonl:1")), Assert.Single(data.Of(Split.Validation)));
        Assert.Equal("returns", data.Majority);
        Assert.False(data.Has(Split.Test));
    }

    [Fact]
    public void Free_text_is_a_template_too()
    {
        folder.Write("a.tsv", "q\ta\twhy\nWho?\tAda \"L\"\tshe did\n");
        var data = folder.Load("{ name: ask, files: { train: a.tsv, validation: a.tsv }, prompt: '{q}', answer: { kind: text, template: '{a}: {why}' }, metrics: [rouge-l] }");
        Assert.Equal("Ada \"L\": she did", data.Of(Split.Train)[0].Target);
    }

    [Fact]
    public void Its_canonical_JSON_reads_back_with_classes_in_order()
    {
        var task = Reader.Read<TextTask>(Tag, "recipe.yaml");
        var again = Canonical.Parse<TextTask>(Canonical.Json(task));

        Assert.Equal(Canonical.Json(task), Canonical.Json(again));
        Assert.Equal(["returns", "summary"], again.Answer.Words);
    }

    [Theory]
    [InlineData("prompt: \"tag {{x}}: {text}\"", "prompt: 'tag {text'", "recipe.yaml:3:9", "is not closed")]
    [InlineData("prompt: \"tag {{x}}: {text}\"", "prompt: tag", "recipe.yaml:3:9", "names no column")]
    [InlineData("name: tag", "name: a/b", "recipe.yaml:1:7", "cannot name a task")]
    [InlineData("metrics: [accuracy, macro-f1]", "metrics: []", "recipe.yaml:5:10", "no metric")]
    [InlineData("metrics: [accuracy, macro-f1]", "metrics: [accuracy, accuracy]", "recipe.yaml:5:10", "named twice")]
    [InlineData("metrics: [accuracy, macro-f1]", "metrics: [{ kind: f1, positive: return }]", "recipe.yaml:5:10", "did you mean 'returns'?")]
    [InlineData("answer: { kind: label, column: tag, labels: { 1: returns, 0: summary } }", "answer: { kind: text, template: '{tag}' }", "recipe.yaml:5:10", "the answer is free text")]
    [InlineData("labels: { 1: returns, 0: summary }", "labels: [a]", "recipe.yaml:4:45", "two labels at least")]
    [InlineData("labels: { 1: returns, 0: summary }", "labels: [a, b, a]", "recipe.yaml:4:45", "'a' is listed twice")]
    [InlineData("labels: { 1: returns, 0: summary }", "labels: 7", "recipe.yaml:4:45", "name no class")]
    [InlineData("train: train.csv", "train: []", "recipe.yaml:2:17", "names no file")]
    public void A_wrong_recipe_is_told_by_place(string right, string wrong, string where, string what)
    {
        var problem = Assert.Single(Assert.Throws<InputException>(() => folder.Load(Tag.Replace(right, wrong, StringComparison.Ordinal))).Problems);
        Assert.Equal(where, problem.Where);
        Assert.Contains(what, problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text,tag\na,many\n", "train.csv:2", "holds 'many', which is no label; known are 0, 1")]
    [InlineData("text,tag\na,0\nb\n", "train.csv:3", "has 1 cells where the table has 2 columns")]
    [InlineData("texts,tag\na,0\nb,1\nc,1\n", "train.csv:2", "lacks the column 'text', as do 2 rows after it; did you mean 'texts'?")]
    [InlineData("text,tag\n", "train.csv", "the train split of 'tag' has no rows")]
    [InlineData("", "train.csv", "the train split of 'tag' has no rows")]
    public void A_wrong_table_is_told_by_row(string table, string where, string what)
    {
        var problem = Assert.Single(Assert.Throws<InputException>(() => folder.Write("train.csv", table).Load(Tag)).Problems);
        Assert.EndsWith(where, problem.Where, StringComparison.Ordinal);
        Assert.Contains(what, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_tables_are_checked_before_anything_is_said_and_a_flood_is_cut_short()
    {
        folder.Write("train.csv", "text,tag\n" + string.Concat(Enumerable.Repeat("a,x\n", 2000))).Write("more/validation.jsonl", "{\"text\": \"a\", \"tag\": 1}\n7\n");
        var problems = Assert.Throws<InputException>(() => folder.Load(Tag)).Problems;
        Assert.Equal(21, problems.Count);
        Assert.Contains("1,981 more problems", problems[^1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_not_there_is_named_with_where_to_get_it()
    {
        var problem = Assert.Single(Assert.Throws<InputException>(() => folder.Load(Tag.Replace("train.csv", "trian.csv", StringComparison.Ordinal))).Problems);
        Assert.Equal(Path.Combine(folder.Root, "trian.csv"), problem.Where);
        Assert.Contains("starts at the recipe's folder", problem.Mend, StringComparison.Ordinal);

        var ready = Assert.Throws<InputException>(() => TaskData.Load(folder.Ready("rte"))).Problems;
        Assert.Equal(2, ready.Count);
        Assert.Contains("https://super.gluebenchmark.com/tasks", ready[0].Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistyped_ready_task_is_corrected()
    {
        var problem = Assert.Single(Assert.Throws<InputException>(() => Reader.Read<TextTask>("sst-2", "recipe.yaml")).Problems);
        Assert.Equal("did you mean 'sst2'?", problem.Mend);
    }

    [Fact]
    public void Without_validation_files_a_share_of_the_inputs_is_held_out_the_same_each_time()
    {
        Gen.Int[0, 40].Array[2, 60].Where(inputs => inputs.Distinct().Count() > 1).Sample(inputs =>
        {
            folder.Write("train.csv", "text,tag\n" + string.Concat(inputs.Select((text, i) => $"{text},{i % 2}\n")));
            var (one, two) = (HeldOut(0.25), HeldOut(0.25));
            var (train, held) = (one.Of(Split.Train), one.Of(Split.Validation));
            Assert.Equal(one.Fingerprint(), two.Fingerprint());
            Assert.Equal(inputs.Length, train.Count + held.Count);
            Assert.Empty(train.Select(row => row.Input).Intersect(held.Select(row => row.Input)));
            var distinct = inputs.Distinct().Count();
            Assert.Equal(Math.Clamp(Math.Round(distinct * 0.25), 1, distinct - 1), held.Select(row => row.Input).Distinct().Count());
        }, iter: 30, threads: 1);
    }

    [Fact]
    public void A_limit_keeps_some_rows_of_a_split_in_their_order()
    {
        folder.Write("train.csv", "text,tag\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},{i / 25}\n")));
        var kept = folder.Load(Tag.Replace("train: train.csv", "train: train.csv, limit: { train: 20 }", StringComparison.Ordinal)).Of(Split.Train);
        Assert.Equal(20, kept.Count);
        Assert.Equal(kept.OrderBy(row => int.Parse(row.Where.Split(':')[^1], null)), kept);
        Assert.Equal(2, kept.Select(row => row.Target).Distinct().Count());
    }

    [Fact]
    public void What_is_too_long_loses_its_end_keeps_an_end_token_and_is_counted()
    {
        var tokens = folder.Load(Tag + "\ninput-length: 14\ntarget-length: 10").Tokenize(Split.Train, new ByteTokenizer());

        Assert.Equal([14, 14, 14], tokens.Examples.Select(example => example.Inputs.Length));
        Assert.All(tokens.Examples, example => Assert.Equal((1, 1), (example.Inputs[^1], example.Targets[^1])));
        Assert.Equal("tag {x}:  The", new ByteTokenizer().Decode(tokens.Examples[0].Inputs));
        Assert.Equal((3, 0, 1.0), (tokens.TruncatedInputs, tokens.TruncatedTargets, tokens.TruncatedShare));
    }

    [Theory]
    [InlineData("labels: { 1: '', 0: summary }", "'' has no tokens")]
    [InlineData("labels: { 1: Summary, 0: summary }", "'Summary' and 'summary' have the same tokens")]
    [InlineData("labels: { 1: Good, 0: bad }", "'Good' cannot be written in this vocabulary: it comes out as 'good'")]
    [InlineData("labels: { 1: incomprehensibilities, 0: bad }", "21 tokens and an end, more than a target-length of 12")]
    public void Label_words_that_the_vocabulary_cannot_tell_apart_or_write_are_refused(string labels, string what)
    {
        var data = folder.Load(Tag.Replace("labels: { 1: returns, 0: summary }", labels, StringComparison.Ordinal) + "\ntarget-length: 12");
        var refused = Assert.Throws<InputException>(() => data.Tokenize(Split.Train, new LowerCase()));
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
    }

    private TaskData HeldOut(double share) => folder.Load(Tag.Replace("validation: [more/validation.jsonl]", $"held-out: {share}", StringComparison.Ordinal));

    private sealed class LowerCase() : Tokenizer(259, 0, "lower case")
    {
        private readonly ByteTokenizer bytes = new(0);

        public override int[] EncodePlain(string text) => bytes.EncodePlain(text.ToLowerInvariant());

        public override string Decode(ReadOnlySpan<int> ids) => bytes.Decode(ids);

        protected override Vocabulary Keep(string folder) => throw new NotSupportedException();
    }
}
