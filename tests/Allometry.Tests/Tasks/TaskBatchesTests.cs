using Allometry.Tasks;
using CsCheck;

namespace Allometry.Tests.Tasks;

public sealed class TaskBatchesTests
{
    private static readonly Gen<(int Examples, int Batch, long Seed)> Cases = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 12], Gen.Long[0, 99]);

    [Fact]
    public void Every_epoch_shows_every_example_once_in_an_order_of_its_own() =>
        Cases.Sample(c =>
        {
            var source = new TaskBatches(Numbered(c.Examples), c.Batch, c.Seed);
            var seen = Enumerable.Range(0, 3 * c.Examples).SelectMany(step => source.At(step)).Select(e => e.Inputs[0]).Take(3 * c.Examples).Chunk(c.Examples).ToList();
            Assert.All(seen, epoch => Assert.Equal(Enumerable.Range(1, c.Examples), epoch.Order()));
            Assert.True(c.Examples < 10 || !seen[0].SequenceEqual(seen[1]));
        }, iter: 50);

    [Fact]
    public void A_step_is_the_same_whenever_it_is_asked_for() =>
        Cases.Sample(c =>
        {
            var (one, two) = (new TaskBatches(Numbered(c.Examples), c.Batch, c.Seed), new TaskBatches(Numbered(c.Examples), c.Batch, c.Seed));
            one.At(0);
            var later = one.At(17).Select(e => e.Inputs[0]).ToList();
            one.At(3);
            Assert.Equal(later, two.At(17).Select(e => e.Inputs[0]));
            Assert.Equal(later, one.At(17).Select(e => e.Inputs[0]));
        }, iter: 50);

    [Fact]
    public void Batches_of_like_length_keep_epochs_whole_at_every_batch_size() =>
        Uneven.Sample(c =>
        {
            var stream = Stream(new TaskBatches(Lengths(c.Lengths), c.Batch, 1, c.Window), steps: 3 * c.Lengths.Length);
            Assert.All(stream.Take(3 * c.Lengths.Length).Chunk(c.Lengths.Length), epoch => Assert.Equal(c.Lengths.Order(), epoch.Select(e => e.Inputs.Length).Order()));
        }, iter: 200);

    [Fact]
    public void A_window_deals_its_own_examples_only_and_a_window_of_one_leaves_the_shuffle() =>
        Uneven.Sample(c =>
        {
            var examples = Lengths(c.Lengths);
            var (dealt, shuffled) = (new TaskBatches(examples, c.Batch, 5, c.Window), new TaskBatches(examples, c.Batch, 5, window: 1));
            var epochs = new Allometry.Text.Epochs(examples.Count, 5, "tasks");
            Assert.Equal(Enumerable.Range(0, 2 * c.Batch).Select(i => examples[epochs.At(i)]), Stream(shuffled, 2));
            if (c.Lengths.Length / c.Batch is var batches && batches > 0 && batches <= c.Window)
                Assert.Equal(Stream(shuffled, batches).Select(e => e.Inputs.Length).Order(), Stream(dealt, batches).Select(e => e.Inputs.Length).Order());
        }, iter: 200);

    [Fact]
    public void Within_a_window_no_two_batches_overlap_in_length_and_their_order_is_that_of_chance()
    {
        var lengths = Enumerable.Range(0, 400).Select(i => 1 + (i * 37 % 101)).ToArray();
        var source = new TaskBatches(Lengths(lengths), 8, seed: 2, window: 50);
        var batches = Enumerable.Range(0, 50).Select(step => source.At(step).Select(e => e.Inputs.Length).ToList()).ToList();
        var sorted = batches.OrderBy(batch => batch.Min()).ThenBy(batch => batch.Max()).ToList();
        Assert.All(sorted.Zip(sorted.Skip(1)), pair => Assert.True(pair.First.Max() <= pair.Second.Min()));
        Assert.False(batches.SequenceEqual(sorted));
        var other = new TaskBatches(Lengths(lengths), 8, seed: 3, window: 50);
        Assert.NotEqual(batches.Select(batch => batch[0]), Enumerable.Range(0, 50).Select(step => other.At(step)[0].Inputs.Length));
    }

    [Fact]
    public void Threads_that_ask_at_once_for_any_steps_get_what_one_gets_in_order()
    {
        var examples = Lengths([.. Enumerable.Range(0, 90).Select(i => 1 + (i * 7 % 23))]);
        var (one, many) = (new TaskBatches(examples, 4, 9, 10), new TaskBatches(examples, 4, 9, 10));
        var alone = Enumerable.Range(0, 200).Select(step => one.At(step)).ToList();
        var together = new IReadOnlyList<Example>[200];
        Parallel.For(0, 200, step => together[step] = many.At(199 - step));
        Assert.Equal(alone, together.Reverse());
    }

    [Fact]
    public void Cut_groups_hold_every_example_once_and_no_more_padding_than_asked_for() =>
        Gen.Select(Gen.Select(Gen.Int[1, 60], Gen.Int[1, 20]).Array[1, 40], Gen.Double[0, 0.5]).Sample((sizes, most) =>
        {
            List<Example> examples = [.. sizes.Select(size => new Example(new int[size.Item1], new int[size.Item2]))];
            var groups = Collator.Cut(examples, most);
            Assert.Equal(examples.Count, groups.Sum(group => group.Count));
            Assert.Equal(examples.ToHashSet(ReferenceEqualityComparer.Instance), groups.SelectMany(group => group).ToHashSet(ReferenceEqualityComparer.Instance));
            var (all, real) = (groups.Sum(Computed), sizes.Sum(size => size.Item1 + size.Item2));
            Assert.InRange(all - real, 0, (most * all) + 1e-9);
        }, iter: 200);

    [Fact]
    public void What_needs_no_cutting_stays_whole_and_in_order()
    {
        var examples = Lengths([5, 5, 5, 5]);
        Assert.Same(examples, Assert.Single(Collator.Cut(examples, 0)));
        var uneven = Lengths([5, 6, 5, 6]);
        Assert.Same(uneven, Assert.Single(Collator.Cut(uneven, 0.5)));
        Assert.Equal([[5, 5], [6, 6]], Collator.Cut(uneven, 0).Select(group => group.Select(e => e.Inputs.Length)));
    }

    [Fact]
    public void Batches_by_length_hold_every_example_once_and_stay_within_their_tokens() =>
        Gen.Int[1, 30].Array[0, 40].Select(Gen.Int[1, 64]).Sample((lengths, tokens) =>
        {
            var examples = lengths.Select(length => new Example(new int[length], [1])).ToList();
            var groups = Collator.ByLength(examples, tokens).ToList();
            Assert.Equal(Enumerable.Range(0, lengths.Length), groups.SelectMany(group => group).Order());
            Assert.All(groups, group => Assert.True(group.Count == 1 || group.Count * group.Max(i => lengths[i]) <= tokens));
        }, iter: 100);

    private static readonly Gen<(int[] Lengths, int Batch, int Window)> Uneven = Gen.Select(Gen.Int[1, 50].Array[1, 60], Gen.Int[1, 12], Gen.Int[1, 9]);

    private static long Computed(IReadOnlyList<Example> group) => (long)group.Count * (group.Max(e => e.Inputs.Length) + group.Max(e => e.Targets.Length));

    private static List<Example> Stream(TaskBatches source, int steps) => [.. Enumerable.Range(0, steps).SelectMany(step => source.At(step))];

    private static List<Example> Lengths(int[] lengths) => [.. lengths.Select((length, i) => new Example([.. Enumerable.Repeat(i + 1, length)], [i + 1]))];

    private static List<Example> Numbered(int count) => [.. Enumerable.Range(1, count).Select(i => new Example([i], [i]))];
}
