using Allometry.Papers.Switch;
using CsCheck;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Switch;

/// <summary>Who gets a slot, beside worked cases and the reference's tensors written out.</summary>
public class DispatchTests
{
    private static readonly Gen<(int[][] Choices, bool[] Real, int Experts, int Group, int Slots)> Cases =
        from experts in Gen.Int[1, 6]
        from tokens in Gen.Int[1, 40]
        from order in Gen.Shuffle(Enumerable.Range(0, experts).ToArray()).Array[tokens]
        from real in Gen.Bool.Array[tokens]
        from @group in Gen.Int[1, 45]
        from slots in Gen.Int[1, 8]
        select (order, real, experts, @group, slots);

    [Fact]
    public void The_third_token_of_an_expert_with_two_slots_is_dropped()
    {
        var dispatch = Route([[2], [3], [2], [2]], [], 4, group: 4, slots: 2); // flaxformer, routing_test.py
        Assert.Equal([0, 2, 1], dispatch.Rows);
        Assert.Equal([0, 0, 2, 3], dispatch.Ends);
        Assert.Equal([2L, 7, 10], Gates(dispatch, 4, 4).Order());
        Assert.Equal((1, 4), (dispatch.Dropped, dispatch.Routed));
        Assert.Equal([0, 0, 3, 1], dispatch.Chosen); // counted before any is dropped
    }

    [Fact]
    public void Padding_takes_no_slot() => Assert.Equal([1, 3], Route([[0], [0], [0], [0]], [false, true, false, true], 2, group: 4, slots: 2).Rows);

    [Fact]
    public void Each_group_has_slots_of_its_own() => Assert.Equal([0, 2, 4], Route([[0], [0], [0], [0], [0]], [], 2, group: 2, slots: 1).Rows);

    [Fact]
    public void A_token_that_was_left_behind_asks_its_next_expert_once_all_have_had_their_first_choice()
    {
        var dispatch = Route([[0, 1], [0, 1], [1, 0], [0, 1]], [], 2, group: 4, slots: 2, tries: 2);
        Assert.Equal([0, 1, 2, 3], dispatch.Rows); // the fourth finds 0 full and 1 with a place left
        Assert.Equal([2, 4], dispatch.Ends);
        Assert.Equal([0L, 1L, 2L], Route([[0, 1], [0, 1], [1, 0], [0, 1]], [], 2, group: 4, slots: 2, tries: 1).Rows);
    }

    [Fact]
    public void Equal_probabilities_prefer_the_first_expert() => Assert.Equal([2, 2, 2], Dispatch.Of([0.4, 0.4, 0.2, 0.4, 0.4, 0.2], 3, [], 2, 1, (_, _) => 9).Ends);

    [Fact]
    public void It_is_what_exclusive_counts_over_each_group_give() => Cases.Sample(given =>
    {
        var expected = new List<(int Expert, int Token)>();
        for (var token = 0; token < given.Choices.Length; token++)
        {
            var (first, expert) = (token / given.Group * given.Group, given.Choices[token][0]);
            var earlier = Enumerable.Range(first, token - first).Count(other => given.Real[other] && given.Choices[other][0] == expert);
            if (given.Real[token] && earlier < given.Slots) expected.Add((expert, token));
        }
        var dispatch = Route(given.Choices, given.Real, given.Experts, given.Group, given.Slots);
        Assert.Equal(expected.Order().Select(kept => (long)kept.Token), dispatch.Rows);
        Assert.Equal(expected.Order().Select(kept => ((long)kept.Token * given.Experts) + kept.Expert), Gates(dispatch, given.Choices.Length, given.Experts));
    });

    [Fact]
    public void With_as_many_tries_as_experts_a_token_is_dropped_only_where_all_are_full() => Cases.Sample(given =>
    {
        var dispatch = Route(given.Choices, given.Real, given.Experts, given.Group, given.Slots, tries: given.Experts);
        var groups = given.Real.Chunk(given.Group).Select(group => group.Count(real => real));
        Assert.Equal(groups.Sum(tokens => Math.Min(tokens, given.Slots * given.Experts)), dispatch.Rows.Length);
    });

    /// <summary>Which of all gates [token, expert] the rows have.</summary>
    private static long[] Gates(Dispatch dispatch, int tokens, int experts)
    {
        using var scope = NewDisposeScope();
        return dispatch.Of(arange(tokens * experts).view(tokens, experts)).data<long>().ToArray();
    }

    /// <summary>Tokens whose experts, from the likeliest on, are given.</summary>
    private static Dispatch Route(int[][] choices, bool[] real, int experts, int group, int slots, int tries = 1) => Dispatch.Of(
        [.. choices.SelectMany(order => Enumerable.Range(0, experts).Select(expert => Array.IndexOf(order, expert) is >= 0 and var rank ? 1.0 / (2 + rank) : 0.0))], experts, real, group, tries, (_, _) => slots);
}
