using System.Diagnostics;
using Allometry.Costs;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Text;
using static TorchSharp.torch;

namespace Allometry.Tasks;

/// <summary>
/// Scores a model on a task. Examples of like length share a batch of at most <paramref name="tokensPerBatch"/> padded tokens;
/// the batches decide the speed, not the answers (two candidates within rounding of each other excepted).
/// </summary>
public sealed class Evaluation(int tokensPerBatch = Evaluation.TokensPerBatch)
{
    private const int TokensPerBatch = 4096;

    /// <summary>A batch as large as they get.</summary>
    public static Setting Largest(TextTask task)
    {
        var targets = task.TargetLength * (task.Answer.Decision == Decision.Rank ? task.Answer.Words?.Count ?? 1 : 1);
        return new(Math.Max(1, TokensPerBatch / (task.InputLength + targets)), task.InputLength, targets);
    }

    /// <summary>Reads the task's tables first; <see cref="Run(LanguageModel, TaskData, Split, Tokenizer, CancellationToken)"/> where they are read already.</summary>
    public TaskResult Run(LanguageModel model, TextTask task, Split split, Tokenizer tokenizer, CancellationToken cancellation = default) =>
        Run(model, TaskData.Load(task), split, tokenizer, cancellation);

    /// <summary>Leaves the model's mode as it was. A vocabulary that does not fit the model, or cannot write the labels, is an <see cref="InputException"/>.</summary>
    public TaskResult Run(LanguageModel model, TaskData data, Split split, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        if (tokenizer.Size > model.Shape.Vocabulary)
        {
            throw new InputException(data.Task.Name, $"the vocabulary has {tokenizer.Size} rows, the model {model.Shape.Vocabulary}", "evaluate with the vocabulary that the model was trained with");
        }

        var clock = Stopwatch.StartNew();
        var task = data.Task;
        var texts = data.Of(split);
        var tokenized = data.Tokenize(split, tokenizer);
        var labels = LabelTokens.Of(task, tokenizer);
        IReadOnlyList<Example> asked = model.Architecture.Writes ? tokenized.Examples : Open(task, tokenized.Examples, tokenizer);
        var decoding = task.Decoding ?? new GreedyDecoding();
        decoding = decoding with { MaxNewTokens = decoding.MaxNewTokens ?? (labels.Count > 0 ? labels.Max(label => label.Length) : task.TargetLength) };
        var predictions = new Prediction[texts.Count];
        using (new Still(model))
        {
            // Ranking goes through every label of every row; what is written comes one position at a time.
            var candidates = task.Answer.Decision == Decision.Rank ? labels.Count > 0 ? labels.Sum(label => label.Length) : task.TargetLength : 0;
            foreach (var rows in Collator.ByLength(asked, tokensPerBatch, model.Architecture.Writes ? candidates : 0))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                IReadOnlyList<Example> examples = [.. rows.Select(row => asked[row])];
                IReadOnlyList<TextExample> batch = [.. rows.Select(row => texts[row])];
                var said = task.Answer.Decision == Decision.Rank
                    ? task.Answer.Words is { } words ? Rank(model, batch, examples, labels, words) : [.. batch.Zip(examples, (text, example) => Choose(model, text, example, task.TargetLength, tokenizer))]
                    : batch.Zip(Write(model, decoding, examples, rows), (text, answer) => new Prediction(text, answer.Text(tokenizer)));
                foreach (var (row, prediction) in rows.Zip(said))
                {
                    predictions[row] = prediction;
                }
            }
        }

        return Result(data, split, predictions) with { Truncated = tokenized.TruncatedShare, Seconds = clock.Elapsed.TotalSeconds };
    }

    /// <summary>What scoring a split takes, without doing it. Written answers are counted to their targets' length, a pass of the layers a token.</summary>
    public LengthsTogether Lengths(TaskData data, Split split, Tokenizer tokenizer)
    {
        var (task, labels) = (data.Task, LabelTokens.Of(data.Task, tokenizer));
        var (texts, examples) = (data.Of(split), data.Tokenize(split, tokenizer).Examples);
        var ranks = task.Answer.Decision == Decision.Rank;
        var beside = ranks ? labels.Count > 0 ? labels.Sum(label => label.Length) : task.TargetLength : 0;
        var groups = Collator.ByLength(examples, tokensPerBatch, beside).Select(rows => (IReadOnlyList<Example>)[.. rows.Select(row => examples[row])]).ToList();
        var read = LengthsTogether.Of(groups);
        if (!ranks) return read with { Passes = groups.Sum(group => group.Max(example => example.Targets.Length)) };
        if (labels.Count > 0) return read with { Targets = labels.Count * labels.Max(label => label.Length) };
        // Every row has candidates of its own, about as long as the right one, and is a batch of its own.
        return read with { Targets = read.Targets * texts.Average(text => text.Choices?.Count ?? 1), Passes = examples.Count };
    }

    /// <summary>The scores of given predictions, in the order of the split's examples.</summary>
    public static TaskResult Result(TaskData data, Split split, IReadOnlyList<Prediction> predictions)
    {
        var (task, words) = (data.Task, data.Task.Answer.Words);
        string[] said = [.. predictions.Select(prediction => prediction.Text)];
        var answers = Answers.To(data.Of(split), said, words);
        var majority = Answers.To(data.Of(split), [.. data.Of(split).Select(data.MajorityOf)], words);
        return new TaskResult(task.Name, split,
            [.. task.Metrics.Select(metric => new MetricScore(metric.Name, metric.Score(answers), metric.Score(majority)))],
            predictions)
        {
            Chance = 1.0 / words?.Count ?? (data.Of(split) is [{ Choices: not null }, ..] rows ? rows.Average(row => 1.0 / row.Choices!.Count) : null),
            OutOfLabels = words is null ? null : (double)said.Count(text => !words.Contains(text)) / Math.Max(1, said.Length),
        };
    }

    private static IReadOnlyList<Example> Open(TextTask task, IReadOnlyList<Example> examples, Tokenizer tokenizer) =>
        task.Answer is { Decision: Decision.Rank, Words: not null } && OpenPlaces.For(task, tokenizer) is var places
            ? [.. examples.Select(example => OpenPlaces.Before(example, places, tokenizer))]
            : throw new InputException(task.Name, "it is answered in text, and this model writes none", "take a model with a decoder, or a task that ranks labels");

    private static IReadOnlyList<Written> Write(LanguageModel model, Decoding decoding, IReadOnlyList<Example> examples, IReadOnlyList<int> rows)
    {
        using var batch = Batch.Of(examples);
        return decoding.Write(model, batch.Inputs, batch.InputMask, keys: [.. rows]);
    }

    private static IEnumerable<Prediction> Rank(LanguageModel model, IReadOnlyList<TextExample> texts, IReadOnlyList<Example> examples, IReadOnlyList<int[]> labels, IReadOnlyList<string> words)
    {
        using var batch = Batch.Of(examples);
        using var candidates = Batch.Of([.. labels.Select(label => new Example(label, label))]);
        using var scores = model.Rank(batch.Inputs, batch.InputMask, candidates.Targets); // [batch, label]
        var logs = scores.cpu().data<float>().ToArray().Select(log => (double)log).Chunk(labels.Count);
        return [.. texts.Zip(logs, (text, ofText) => Likeliest(text, ofText, words))];
    }

    /// <summary>The likeliest of a row's own choices; the first of several alike.</summary>
    private static Prediction Choose(LanguageModel model, TextExample text, Example example, int targetLength, Tokenizer tokenizer)
    {
        using var scope = NewDisposeScope();
        var choices = text.Choices!.Select(choice => (int[])[.. tokenizer.Encode(choice).Take(targetLength - 1), Tokenizer.End]).ToList();
        using var batch = Batch.Of([example]);
        using var candidates = Batch.Of([.. choices.Select(choice => new Example(choice, choice))]);
        var scores = model.Rank(batch.Inputs, batch.InputMask, candidates.Targets); // [1, choice]
        return Likeliest(text, [.. scores.cpu().data<float>().ToArray().Select(log => (double)log)], text.Choices!);
    }

    private static Prediction Likeliest(TextExample text, double[] logs, IReadOnlyList<string> words) =>
        new(text, words[Array.IndexOf(logs, logs.Max())], logs);
}
