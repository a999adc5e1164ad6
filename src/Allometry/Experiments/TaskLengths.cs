using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>How long the examples of a mixture are where a run computes them, by looking at some of them.</summary>
/// <param name="Step">One training step.</param>
/// <param name="Scoring">All examples that are scored.</param>
public sealed record TaskLengths(LengthsTogether Step, LengthsTogether Scoring)
{
    /// <summary>Examples of a split that are looked at: two windows of usual batches.</summary>
    private const int Most = 4096;

    /// <summary>Batches that are looked at.</summary>
    private const int Batches = 64;

    /// <summary>Tables are read, and an <see cref="Kinds.InputException"/> holds what is wrong with them.</summary>
    public static TaskLengths Of(Mixture mixture, Tokenizer tokenizer, int batch, int accumulate, int window)
    {
        var data = mixture.Tasks.Select(TaskData.Load).ToList();
        var batches = MixtureBatches.Of(mixture, [.. data.Select(Some)], tokenizer, batch, seed: 1, window);
        return Of(batches, accumulate, Scored(data, tokenizer));
    }

    /// <summary>Of the first steps of these batches, beside what is scored.</summary>
    public static TaskLengths Of(BatchSource batches, int accumulate, LengthsTogether scoring)
    {
        var parts = Enumerable.Range(0, Batches).Select(step => StepBatches.Cut(batches.At(step), accumulate, TrainingOptions.UsualPadding)).ToList();
        return new(LengthsTogether.Of(parts.SelectMany(step => step), Batches), scoring);
    }

    private static LengthsTogether Scored(IReadOnlyList<TaskData> data, Tokenizer tokenizer)
    {
        var scored = (from task in data from split in FineTuneStage.Scored.Where(task.Has) select Scored(task, split, tokenizer)).ToList();
        var rows = scored.Sum(one => one.Rows);
        return rows == 0 ? LengthsTogether.None : new(rows, scored.Sum(one => one.Rows * one.Inputs) / rows, scored.Sum(one => one.Rows * one.Targets) / rows, scored.Sum(one => one.Passes));
    }

    private static LengthsTogether Scored(TaskData data, Split split, Tokenizer tokenizer)
    {
        var looked = Some(data);
        var times = (double)data.Of(split).Count / looked.Of(split).Count;
        var (rows, inputs, targets, passes) = new Evaluation().Lengths(looked, split, tokenizer);
        return new(times * rows, inputs, targets, times * passes);
    }

    /// <summary>Rows chosen evenly: files are often sorted.</summary>
    private static TaskData Some(TaskData data) => TaskData.Of(data.Task, Enum.GetValues<Split>().Where(data.Has).ToDictionary(split => split, split => Some(data.Of(split))));

    private static IReadOnlyList<TextExample> Some(IReadOnlyList<TextExample> rows) =>
        rows.Count <= Most ? rows : [.. Enumerable.Range(0, Most).Select(i => rows[(int)((long)i * rows.Count / Most)])];
}
