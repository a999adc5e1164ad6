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
    public void Batches_by_length_hold_every_example_once_and_stay_within_their_tokens() =>
        Gen.Int[1, 30].Array[0, 40].Select(Gen.Int[1, 64]).Sample((lengths, tokens) =>
        {
            var examples = lengths.Select(length => new Example(new int[length], [1])).ToList();
            var groups = Collator.ByLength(examples, tokens).ToList();
            Assert.Equal(Enumerable.Range(0, lengths.Length), groups.SelectMany(group => group).Order());
            Assert.All(groups, group => Assert.True(group.Count == 1 || group.Count * group.Max(i => lengths[i]) <= tokens));
        }, iter: 100);

    private static List<Example> Numbered(int count) => [.. Enumerable.Range(1, count).Select(i => new Example([i], [i]))];
}
