using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;
using static TorchSharp.torch;

namespace Allometry.Tests.Tasks;

public sealed class EvaluationTests : IDisposable
{
    private static readonly int[] Lengths = [3, 40, 1, 17, 2, 29, 5, 5, 11, 60, 8];

    private readonly TaskFolder folder = new TaskFolder()
        .Write("a.csv", "text,tag\n" + string.Concat(Lengths.Select((length, i) => $"{string.Concat(Enumerable.Range(0, length).Select(j => (char)('a' + ((i + (j * j)) % 26))))},{i % 3}\n")));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("decoder-only")]
    public void Labels_are_ranked_alike_in_every_batch_and_told_in_the_order_of_the_rows(string architecture)
    {
        using var model = Model(architecture);
        var data = folder.Load("{ name: t, files: { train: a.csv, validation: a.csv }, prompt: '{text}', answer: { kind: label, column: tag, labels: { 0: no, 1: maybe, 2: yes }, decide: rank }, metrics: [accuracy] }");
        var (alone, some, together) = (Run(model, data, 1), Run(model, data, 90), Run(model, data, 100_000));

        Assert.Equal(data.Of(Split.Validation).Select(row => row.Input), together.Predictions.Select(said => said.Example.Input));
        foreach (var result in new[] { some, together })
            Assert.All(alone.Predictions.Zip(result.Predictions), pair =>
            {
                Assert.Equal(pair.First.Text, pair.Second.Text);
                Assert.All(pair.First.LogProbabilities!.Zip(pair.Second.LogProbabilities!), logs => Assert.Equal(logs.First, logs.Second, 1e-4));
            });
    }

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("decoder-only")]
    public void Texts_are_written_alike_in_every_batch(string architecture)
    {
        using var model = Model(architecture);
        var data = folder.Load("{ name: t, files: { train: a.csv, validation: a.csv }, prompt: '{text}', answer: { kind: text, template: '{text}' }, metrics: [exact-match], target-length: 6 }");
        var alone = Run(model, data, 1).Predictions.Select(said => (said.Example.Input, said.Text)).ToList();

        Assert.Equal(alone, Run(model, data, 90).Predictions.Select(said => (said.Example.Input, said.Text)));
        Assert.Equal(alone, Run(model, data, 100_000).Predictions.Select(said => (said.Example.Input, said.Text)));
    }

    private static TaskResult Run(LanguageModel model, TaskData data, int tokensPerBatch) =>
        new Evaluation(tokensPerBatch).Run(model, data, Split.Validation, new ByteTokenizer(), TestContext.Current.CancellationToken);

    private static LanguageModel Model(string architecture)
    {
        manual_seed(4);
        Architecture chosen = architecture == "decoder-only" ? new DecoderOnly() : new EncoderDecoder();
        return chosen.Build(new Shape(16, 32, 8, 2, 2, 2, 384));
    }
}
