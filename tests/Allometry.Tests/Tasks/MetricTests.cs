using System.Text.Json;
using System.Text.Json.Nodes;
using Allometry.Tasks;
using Allometry.Tasks.Metrics;
using Allometry.Tests.Golden;
using CsCheck;

namespace Allometry.Tests.Tasks;

public sealed class MetricTests
{
    private static readonly JsonNode Reference = JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "metrics.json")))!;
    private static readonly JsonNode T5 = JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "t5-formats.json")))!;

    private static readonly Dictionary<string, string[]> LabelsOf = new()
    {
        ["cola"] = ["unacceptable", "acceptable"],
        ["sst2"] = ["negative", "positive"],
        ["mrpc"] = ["not_equivalent", "equivalent"],
        ["qqp"] = ["not_duplicate", "duplicate"],
        ["mnli"] = ["entailment", "neutral", "contradiction"],
        ["qnli"] = ["entailment", "not_entailment"],
        ["rte"] = ["entailment", "not_entailment"],
        ["wnli"] = ["not_entailment", "entailment"],
        ["boolq"] = ["False", "True"],
        ["cb"] = ["entailment", "contradiction", "neutral"],
        ["copa"] = ["choice1", "choice2"],
        ["wic"] = ["False", "True"],
        ["super_glue_rte"] = ["entailment", "not_entailment"],
    };

    private static readonly Dictionary<string, Metric> T5Metrics = new()
    {
        ["accuracy"] = new Accuracy(),
        ["f1"] = new F1(),
        ["mean_3class_f1"] = new MacroF1(),
        ["matthews_corrcoef"] = new Matthews(),
        ["pearson_corrcoef"] = new Pearson(),
        ["spearman_corrcoef"] = new Spearman(),
    };

    public static TheoryData<int> T5Cases => [.. Enumerable.Range(0, T5["metrics"]!.AsArray().Count)
        .Where(i => LabelsOf.ContainsKey(Text(T5["metrics"]![i]!["task"]!)) || Text(T5["metrics"]![i]!["task"]!) == "stsb")];

    [Fact]
    public void Classification_equals_scikit_learn()
    {
        foreach (var golden in Reference["classification"]!.AsArray())
        {
            var answers = Answers.Of(Texts(golden!["predictions"]!), Texts(golden["targets"]!));
            Close(golden["accuracy"], new Accuracy(), answers);
            Close(golden["matthews"], new Matthews(), answers);
            Close(golden["f1_macro"], new MacroF1(), answers);
            Close(golden["f1_positive"], new F1("1"), answers);
        }
    }

    [Fact]
    public void Correlations_equal_scipy()
    {
        foreach (var golden in Reference["regression"]!.AsArray())
        {
            var answers = Answers.Of(Texts(golden!["predictions"]!), Texts(golden["targets"]!));
            Close(golden["pearson"], new Pearson(), answers);
            Close(golden["spearman"], new Spearman(), answers);
        }
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("stemmed", true)]
    public void Rouge_equals_rouge_score(string member, bool stem)
    {
        var golden = Reference["rouge"]!;
        string[] predictions = Texts(golden["predictions"]!), references = Texts(golden["references"]!);
        var scores = golden[member]!.AsArray();
        for (var i = 0; i < predictions.Length; i++)
        {
            var answers = Answers.Of([predictions[i]], [references[i]]);
            Close(scores[i]!["rouge1"], new Rouge1(stem), answers);
            Close(scores[i]!["rouge2"], new Rouge2(stem), answers);
            Close(scores[i]!["rougeL"], new RougeL(stem), answers);
            Close(scores[i]!["rougeLsum"], new RougeLsum(stem), answers);
        }
    }

    [Fact]
    public void Answers_to_questions_score_as_squad_defines()
    {
        var squad = Reference["squad"]!;
        var cases = squad["cases"]!.AsArray();
        foreach (var golden in cases)
        {
            var answers = new Answers([Text(golden!["prediction"]!)], [Texts(golden["answers"]!)]);
            Close(golden["exact"], new ExactMatch(), answers);
            Close(golden["f1"], new TokenF1(), answers);
        }

        var all = new Answers([.. cases.Select(c => Text(c!["prediction"]!))], [.. cases.Select(c => Texts(c!["answers"]!))]);
        Assert.Equal(squad["exact_match"]!.GetValue<double>(), 100 * new ExactMatch().Score(all), 6);
        Assert.Equal(squad["f1"]!.GetValue<double>(), 100 * new TokenF1().Score(all), 6);
    }

    [Theory]
    [MemberData(nameof(T5Cases))]
    public void Texts_that_are_no_label_score_as_in_T5(int index)
    {
        var golden = T5["metrics"]![index]!;
        var labels = LabelsOf.GetValueOrDefault(Text(golden["task"]!));
        var answers = Answers.Of(Texts(golden["prediction"]!), Texts(golden["target"]!), labels);
        foreach (var (name, value) in golden["result"]!.AsObject())
        {
            Assert.Equal(value!.GetValue<double>(), 100 * T5Metrics[name].Score(answers), 5);
        }
    }

    [Fact]
    public void A_prediction_becomes_the_class_that_T5_gives_it()
    {
        foreach (var golden in T5["post"]!.AsArray().Where(g => LabelsOf.ContainsKey(Text(g!["task"]!))))
        {
            var labels = LabelsOf[Text(golden!["task"]!)];
            var answers = Answers.Of([Text(golden["prediction"]!)], [labels[0]], labels);
            Assert.Equal(golden["result"]!.GetValue<int>(), answers.Classes()[0].Prediction);
        }
    }

    // The plural words and their stems are the worked example in NLTK's documentation of its stemmers.
    [Fact]
    public void Stems_equal_nltk()
    {
        var words = "caresses flies dies mules denied died agreed owned humbled sized meeting stating siezing itemization sensational traditional reference colonizer plotted";
        var stems = "caress fli die mule deni die agre own humbl size meet state siez item sensat tradit refer colon plot";
        Assert.Equal(stems.Split(' '), words.Split(' ').Select(PorterStemmer.Stem));
    }

    [Fact]
    public void Perfect_answers_score_one_and_the_order_of_examples_does_not_matter()
    {
        var text = Gen.OneOf("yes", "no", "maybe", "the cats ran\nhome", "3.5", "2", "");
        Metric[] metrics = [new Accuracy(), new MacroF1(), new Matthews(), new Pearson(), new Spearman(), new ExactMatch(), new TokenF1(), new RougeL(), new RougeLsum(true)];
        Gen.Select(text, text).Array[2, 20].Sample(pairs =>
        {
            string[] said = [.. pairs.Select(p => p.Item1)], right = [.. pairs.Select(p => p.Item2)];
            foreach (var metric in metrics)
            {
                var score = metric.Score(said, right);
                Assert.InRange(score, -1 - 1e-9, 1 + 1e-9);
                Assert.Equal(score, metric.Score([.. said.Reverse()], [.. right.Reverse()]), 9);
                Assert.True(metric.Score(right, right) >= score - 1e-9, metric.ToString());
            }
        }, iter: 200);
    }

    [Fact]
    public void An_undefined_correlation_is_zero()
    {
        Assert.Equal(0, new Pearson().Score(["1", "1"], ["1", "2"]));
        Assert.Equal(0, new Spearman().Score([], []));
        Assert.Equal(0, new Matthews().Score(["a", "a"], ["a", "a"]));
    }

    [Fact]
    public void Answers_at_the_edges_score_as_their_definitions_say()
    {
        string[] classes = ["no", "yes"];
        double Of(Metric metric, string said, string right) => metric.Score(said.Split('|'), right.Split('|'), metric.NeedsLabels ? classes : null);

        // One class only, and everything right: there is nothing for Matthews to correlate, F1 of a class that never occurs is 0.
        Assert.Equal((1, 0, 0, 0.5), (Of(new Accuracy(), "no|no", "no|no"), Of(new Matthews(), "no|no", "no|no"), Of(new F1(), "no|no", "no|no"), Of(new MacroF1(), "no|no", "no|no")));
        // A constant prediction.
        Assert.Equal((0.5, 0, 2 / 3.0), (Of(new Accuracy(), "yes|yes", "yes|no"), Of(new Matthews(), "yes|yes", "yes|no"), Of(new F1(), "yes|yes", "yes|no")));
        // Nothing but answers that are no label.
        Assert.Equal((0, 0, 0), (Of(new Accuracy(), "|maybe", "yes|no"), Of(new F1(), "|maybe", "yes|no"), Of(new MacroF1(), "|maybe", "yes|no")));
        // Ties share their mean rank: ranks 1.5, 1.5, 3 against 1, 2, 3 correlate with sqrt(3) / 2.
        Assert.Equal(Math.Sqrt(3) / 2, Of(new Spearman(), "1|1|2", "1|2|3"), 12);
        Assert.Equal(1, Of(new Spearman(), "1|1|2", "5|5|9"), 12);
        // Empty texts: equal after normalising, but without a word in common.
        Assert.Equal((1, 0, 0, 0), (Of(new ExactMatch(), "the", "!"), Of(new TokenF1(), "", ""), Of(new Rouge1(), "", ""), Of(new RougeL(), "", "word")));
        Assert.Equal((0, 0, 0), (new RougeLsum().Score([], []), new TokenF1().Score([], []), new GroupMatch("g").Score(new Answers([], []) { Passed = [] })));
    }

    [Fact]
    public void Numbers_are_read_as_Python_reads_them()
    {
        double Same(string said, string right) => new Pearson().Score([said, "0"], [right, "0"]);
        Assert.All(new[] { " 2.6 ", "+2.6", "26e-1", "2.60" }, said => Assert.Equal(1, Same(said, "2.6"), 12));
        Assert.Equal(-1, Same("2,6", "2.6"), 12); // no number: -1, below the other's 0
        Assert.Equal(0, Same("nan", "2.6"));
        Assert.Equal(0, Same("inf", "2.6"));
    }

    private static void Close(JsonNode? expected, Metric metric, Answers answers)
    {
        if (expected is not null)
        {
            Assert.Equal(expected.GetValue<double>(), metric.Score(answers), 1e-6);
        }
    }

    private static string[] Texts(JsonNode node) => [.. node.AsArray().Select(item => Text(item!))];

    private static string Text(JsonNode node) => node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
}
