using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Papers.PeterRec;
using Allometry.Tasks.Items;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Papers.PeterRec;

public sealed class ItemObjectiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_last_items_of_every_user_are_an_example_and_users_of_one_item_are_none()
    {
        var (domains, tokenizer) = Data("1 a b c d e\n2 a\n3\n4 b a\n");
        var sequences = new NextItem(domains, HeldOut: 0).Sequences(new(null, tokenizer, 3));
        Assert.Equal([[5, 6, 7], [4, 3]], sequences);
        var example = new NextItem(domains).Make(sequences[0], tokenizer, RandomStream.For(1, "test"));
        Assert.Equal([5], example.Inputs);
        Assert.Equal([6, 7], example.Targets);
    }

    [Fact]
    public void Users_who_are_held_out_are_those_who_are_not_learnt_from()
    {
        var (domains, tokenizer) = Data(string.Concat(Enumerable.Range(0, 2000).Select(user => $"{user} i{user} b\n")));
        var objective = new NextItem(domains, HeldOut: 0.1);
        var (learnt, held) = (objective.Sequences(new(null, tokenizer, 3)), objective.Sequences(new(null, tokenizer, 3) { Split = Split.Validation }));
        Assert.InRange(held.Count, 200 - 54, 200 + 54); // four standard deviations
        Assert.Equal(2000, learnt.Concat(held).Select(sequence => sequence[0]).Distinct().Count());
        Assert.Contains("no user of the validation split", Assert.Throws<InputException>(() => new NextItem(domains, HeldOut: 0).Sequences(new(null, tokenizer, 3) { Split = Split.Validation })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_go_through_all_sequences_in_every_epoch()
    {
        var (domains, tokenizer) = Data("1 a b\n2 c d e\n3 e f\n4 f a b\n");
        var batches = PretrainingBatches.Of(new(null, tokenizer, 12), new NextItem(domains, HeldOut: 0), 2, seed: 3);
        Assert.Equal(4, batches.Count);
        foreach (var epoch in (long[])[0, 5])
            Assert.Equal(4, batches.At(2 * epoch).Concat(batches.At((2 * epoch) + 1)).Select(example => string.Join(' ', example.Inputs.Concat(example.Targets))).Distinct().Count());
    }

    [Theory, InlineData(1, 1), InlineData(2, 1), InlineData(5, 2), InlineData(10, 3), InlineData(12, 4), InlineData(120, 30)] // min(30, max(1, round(0.3 L)))
    public void So_many_items_are_chosen(int length, int chosen)
    {
        var (domains, tokenizer) = Data("1 a b\n");
        var tokens = Enumerable.Repeat(3, length).ToArray();
        for (var i = 0; i < 20; i++)
            Assert.Equal(chosen, new GapFilling(domains).Make(tokens, tokenizer, RandomStream.For(1, "test", i)).Targets.Count(target => target != 0));
    }

    [Fact]
    public void Of_ten_chosen_items_eight_become_gaps_one_stays_and_one_becomes_any()
    {
        var (domains, tokenizer) = Data($"1 {string.Join(' ', Enumerable.Range(0, 1000))}\n");
        var tokens = tokenizer.EncodePlain("1 2 3 4 5 6 7 8 9 10");
        var (gaps, kept, others) = (0, 0, 0);
        for (var i = 0; i < 2000; i++)
        {
            var example = new GapFilling(domains).Make(tokens, tokenizer, RandomStream.For(1, "test", i));
            foreach (var (place, target) in example.Targets.Index())
            {
                var (input, token) = (example.Inputs[place], tokens[place]);
                Assert.True(target == token || (target == 0 && input == token));
                if (target == 0) continue;
                if (input == tokenizer.Sentinel(0)) gaps++;
                else if (input == token) kept++;
                else others++;
                Assert.InRange(input, 3, tokenizer.Sentinel(0));
            }
        }

        Assert.Equal(6000, gaps + kept + others);
        Assert.InRange(gaps, 4800 - 124, 4800 + 124); // four standard deviations each
        Assert.InRange(kept, 600 - 93, 600 + 93);
        Assert.InRange(others, 600 - 93, 600 + 93);
    }

    [Fact]
    public void An_objective_tells_which_networks_and_vocabularies_it_needs()
    {
        var (domains, tokenizer) = Data("1 a b\n");
        Assert.Empty(new NextItem(domains).Problems("objective", new DecoderOnly()));
        Assert.Single(new NextItem(domains).Problems("objective", new EncoderOnly()));
        Assert.Empty(new GapFilling(domains).Problems("objective", new EncoderOnly()));
        Assert.Single(new GapFilling(domains).Problems("objective", new DecoderOnly()));
        Assert.Empty(new NextItem(domains).Problems("objective", 12, tokenizer));
        Assert.Single(new NextItem(domains).Problems("objective", 12, new ByteTokenizer()));
    }

    private (ItemDomains Domains, Tokenizer Tokenizer) Data(string users)
    {
        var domains = new ItemDomains(folder.File("users.txt", users));
        return (domains, new ItemVocabulary(domains).Load(folder.Path));
    }
}
