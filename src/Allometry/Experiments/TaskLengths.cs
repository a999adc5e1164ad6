using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using Allometry.Tasks.Prompts;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>How long the examples of a mixture are where a run computes them, by looking at some of them.</summary>
/// <param name="Step">One training step.</param>
/// <param name="Scoring">All examples that are scored.</param>
public sealed record TaskLengths(LengthsTogether Step, LengthsTogether Scoring)
{
    /// <summary>Examples of a split that are looked at: two windows of usual batches; fewer where the same rows come through several templates.</summary>
    private const int Most = 4096, MostOfTemplate = 512;

    /// <summary>Batches that are looked at.</summary>
    private const int Batches = 64;

    /// <summary>Tables are read, and an <see cref="Kinds.InputException"/> holds what is wrong with them.</summary>
    public static TaskLengths Of(Mixture mixture, Tokenizer tokenizer, int batch, int accumulate, int window)
    {
        var data = mixture.Tasks.Select(TaskData.Load).ToList();
        var batches = MixtureBatches.Of(mixture, [.. data.Select(one => Some(one, Most))], tokenizer, batch, seed: 1, window);
        return Of(batches, accumulate, Scored(data, tokenizer));
    }

    /// <summary>The same of sets with templates, some of which are learnt and some only scored.</summary>
    public static TaskLengths Of(IReadOnlyList<PromptedTask> learnt, IReadOnlyList<PromptedTask> scored, Tokenizer tokenizer, int accumulate, Func<IReadOnlyList<(PromptedTask Set, IReadOnlyList<TaskData> Templates)>, BatchSource> batches)
    {
        var data = learnt.Concat(scored).DistinctBy(set => set.Name).ToDictionary(set => set.Name, set => set.Tasks.Select(task => TaskData.LoadAlike(task)).ToList());
        var lengths = from set in scored from pair in set.Templates.Zip(data[set.Name]) where pair.First.Original select Scored(pair.Second, set.Scored, tokenizer, MostOfTemplate);
        return Of(batches([.. learnt.Select(set => (set, (IReadOnlyList<TaskData>)[.. data[set.Name].Select(one => Some(one, MostOfTemplate))]))]), accumulate, Together([.. lengths]));
    }

    /// <summary>Of the first steps of these batches, beside what is scored.</summary>
    public static TaskLengths Of(BatchSource batches, int accumulate, LengthsTogether scoring)
    {
        var parts = Enumerable.Range(0, Batches).Select(step => StepBatches.Cut(batches.At(step), accumulate, TrainingOptions.UsualPadding)).ToList();
        return new(LengthsTogether.Of(parts.SelectMany(step => step), Batches), scoring);
    }

    private static LengthsTogether Scored(IReadOnlyList<TaskData> data, Tokenizer tokenizer) =>
        Together([.. from task in data from split in FineTuneStage.Scored.Where(task.Has) select Scored(task, split, tokenizer, Most)]);

    private static LengthsTogether Together(IReadOnlyList<LengthsTogether> scored)
    {
        var rows = scored.Sum(one => one.Rows);
        return rows == 0 ? LengthsTogether.None : new(rows, scored.Sum(one => one.Rows * one.Inputs) / rows, scored.Sum(one => one.Rows * one.Targets) / rows, scored.Sum(one => one.Passes));
    }

    private static LengthsTogether Scored(TaskData data, Split split, Tokenizer tokenizer, int most)
    {
        var looked = Some(data, most);
        var times = (double)data.Of(split).Count / looked.Of(split).Count;
        var (rows, inputs, targets, passes) = new Evaluation().Lengths(looked, split, tokenizer);
        return new(times * rows, inputs, targets, times * passes);
    }

    /// <summary>Rows chosen evenly: files are often sorted.</summary>
    private static TaskData Some(TaskData data, int most) => TaskData.Of(data.Task, Enum.GetValues<Split>().Where(data.Has).ToDictionary(split => split, split => Some(data.Of(split), most)));

    private static IReadOnlyList<TextExample> Some(IReadOnlyList<TextExample> rows, int most) =>
        rows.Count <= most ? rows : [.. Enumerable.Range(0, most).Select(i => rows[(int)((long)i * rows.Count / most)])];
}
