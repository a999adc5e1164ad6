using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using CsCheck;

namespace Allometry.Tests.Tasks.Mixtures;

public sealed class MixtureBatchesTests
{
    private const int Batch = 16;

    [Fact]
    public void Tasks_are_drawn_in_proportion_to_their_rates()
    {
        var batches = Of([10, 100, 5], [1, 2, 7]);
        var drawn = Enumerable.Range(0, 2000).SelectMany(step => batches.At(step)).CountBy(example => example.Inputs[0]).ToDictionary();
        double Sigma(double share) => Math.Sqrt(share * (1 - share) * Batch * 2000);
        foreach (var (task, share) in new[] { (0, 0.1), (1, 0.2), (2, 0.7) })
            Assert.InRange(drawn[task], (share * Batch * 2000) - (5 * Sigma(share)), (share * Batch * 2000) + (5 * Sigma(share)));
    }

    [Fact]
    public void Every_task_goes_through_its_examples_epoch_by_epoch()
    {
        var batches = Of([10, 7], [1, 2], window: 1);
        var drawn = Enumerable.Range(0, 200).SelectMany(step => batches.At(step)).ToList();
        foreach (var (task, count) in new[] { (0, 10), (1, 7) })
            Assert.All(drawn.Where(example => example.Inputs[0] == task).Select(example => example.Inputs[1]).Chunk(count).Where(epoch => epoch.Length == count),
                epoch => Assert.Equal(Enumerable.Range(0, count), epoch.Order()));
    }

    [Fact]
    public void A_window_deals_the_same_examples_anew_by_their_length()
    {
        IReadOnlyList<Example>[] tasks = [[.. Enumerable.Range(1, 40).Select(length => new Example(new int[length], [1]))], [.. Enumerable.Range(1, 9).Select(length => new Example(new int[3 * length], [2]))]];
        var (chance, dealt) = (new MixtureBatches(tasks, [1, 1], Batch, 3, window: 1), new MixtureBatches(tasks, [1, 1], Batch, 3, window: 8));
        List<Example> All(MixtureBatches batches) => [.. Enumerable.Range(0, 8).SelectMany(step => batches.At(step))];
        long Padded(MixtureBatches batches) => Enumerable.Range(0, 8).Sum(step => (long)batches.At(step).Max(example => example.Inputs.Length) * Batch);
        Assert.Equal(All(chance).Select(example => example.Inputs.Length).Order(), All(dealt).Select(example => example.Inputs.Length).Order());
        Assert.True(Padded(dealt) < 0.75 * Padded(chance));
    }

    [Fact]
    public void A_step_is_the_same_whenever_it_is_asked_for() =>
        Gen.Select(Gen.Int[0, 3000], Gen.Int[0, 3000]).Sample((one, other) =>
        {
            var (forward, direct) = (Of([10, 100], [3, 1]), Of([10, 100], [3, 1]));
            forward.At(other);
            Assert.Equal(direct.At(one).Select(example => example.Inputs), forward.At(one).Select(example => example.Inputs));
            Assert.Equal(direct.At(other).Select(example => example.Inputs), forward.At(other).Select(example => example.Inputs));
        }, iter: 20);

    [Fact]
    public void A_task_without_a_rate_is_never_drawn_and_one_without_examples_needs_none()
    {
        var batches = Of([10, 10, 0], [0, 1, 0]);
        Assert.All(Enumerable.Range(0, 50).SelectMany(step => batches.At(step)), example => Assert.Equal(1, example.Inputs[0]));
        Assert.Throws<ArgumentException>(() => Of([10, 0], [1, 1]));
        Assert.Throws<ArgumentException>(() => Of([10, 10], [0, 0]));
    }

    private static MixtureBatches Of(int[] counts, double[] rates, int window = 8) =>
        new([.. counts.Select((count, task) => (IReadOnlyList<Example>)[.. Enumerable.Range(0, count).Select(i => new Example([task, i], [1]))])], rates, Batch, seed: 3, window);
}
