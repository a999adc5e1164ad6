using Allometry.Text;

namespace Allometry.Tasks.Mixtures;

/// <summary>
/// Examples of several tasks: every example's task is drawn independently at the mixture's rates, and every task goes through its own examples epoch by
/// epoch, in an order of its own, as often as it is drawn. Examples of like length share a batch, as far as a window of so many batches allows.
/// </summary>
public sealed class MixtureBatches : BatchSource
{
    private readonly IReadOnlyList<IReadOnlyList<Example>> tasks;
    private readonly int batch, window;
    private readonly long seed;
    private readonly Draws draws;
    private readonly Epochs[] epochs;
    private Dealt current = new(-1, []);

    /// <summary>Rates are relative; a task with a rate has examples, and one rate at least is above 0.</summary>
    public MixtureBatches(IReadOnlyList<IReadOnlyList<Example>> tasks, IReadOnlyList<double> rates, int batch, long seed, int window = TaskBatches.Window)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        var total = rates.Sum();
        if (tasks.Count != rates.Count || !(total > 0) || !double.IsFinite(total) || tasks.Zip(rates).Any(pair => pair.First.Count == 0 && pair.Second > 0))
            throw new ArgumentException("Every task needs a rate, one rate must be above 0, and what has a rate needs examples.", nameof(rates));
        (this.tasks, this.batch, this.window, this.seed) = (tasks, batch, window, seed);
        draws = new Draws([.. rates.Select(rate => rate / total)], seed);
        epochs = [.. tasks.Select((examples, i) => new Epochs(Math.Max(1, examples.Count), seed, $"mixture task {i}"))];
    }

    /// <summary>The batches of a mixture, whose tasks are read in their order: of one task by itself every epoch shows all of it once.</summary>
    public static BatchSource Of(Mixture mixture, IReadOnlyList<TaskData> tasks, Tokenizer tokenizer, int batch, long seed, int window)
    {
        IReadOnlyList<Example> Learnt(TaskData data) => data.Has(Split.Train) ? data.Tokenize(Split.Train, tokenizer).Examples : [];
        if (mixture.IsSingle) return new TaskBatches(tasks[0].Tokenize(Split.Train, tokenizer).Examples, batch, seed, window);
        IReadOnlyList<IReadOnlyList<Example>> examples = [.. tasks.Select(Learnt)];
        var rates = mixture.Rates ?? new Proportional();
        return new MixtureBatches(examples, [.. tasks.Zip(examples, (data, rows) => rows.Count == 0 ? 0 : rates.Of(data.Task, rows.Count))], batch, seed, window);
    }

    public override IReadOnlyList<Example> At(long step)
    {
        var (index, place) = Math.DivRem(step, window);
        var dealt = current;
        if (dealt.Index != index) current = dealt = new(index, Deal(index));
        return dealt.Examples[((int)place * batch)..(((int)place + 1) * batch)];
    }

    private Example[] Deal(long index)
    {
        Example[] examples = [.. Enumerable.Range(0, window * batch).Select(i => Drawn((index * window * batch) + i))];
        Buckets.Deal(examples.AsSpan(), example => example, batch, RandomStream.For(seed, "mixture buckets", index));
        return examples;
    }

    private Example Drawn(long index)
    {
        var (task, nth) = draws.At(index);
        return tasks[task][epochs[task].At(nth)];
    }

    private sealed record Dealt(long Index, Example[] Examples);
}
