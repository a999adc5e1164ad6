using Allometry.Kinds;
using Allometry.Tasks.Items;
using Allometry.Text;

namespace Allometry.Tests.Tasks.Items;

public class ItemTaskTests
{
    private static readonly (string, IReadOnlyList<int>)[] Targets = [("X", [7, 1]), ("Y", [7, 2]), ("Z", [7, 1, 3]), ("W", [7])];

    [Fact]
    public void One_question_is_asked_for_each_target_of_a_user_with_enough_history()
    {
        var data = Data(new(1, ["a", "b", "c", "d"], [2, 0], 3), new(2, ["a", "b", "c"], [1], 3), new(3, ["a", "b", "c", "d"], [], 4), new(4, ["a", "b", "c", "d"], [0, 1, 2, 3, 0, 1], 4), new(5, [], [1], 0));
        Assert.Equal([(1, 2), (1, 0)], Asked(new NextItems(4), data));
        Assert.Equal([(1, 2), (1, 0), (2, 1)], Asked(new NextItems(4) { LeastSources = 3 }, data));
        Assert.Equal([(1, 2), (1, 0), (2, 1)], Asked(new NextItems(4) { LeastSources = 3, Strict = true }, data));
        Assert.Equal(["a", "b", "c"], new NextItems(4) { LeastSources = 3, Strict = true }.Of(Split.Train, data)[0].User.Sources);
        Assert.Contains((5, 1), Asked(new NextItems(4) { LeastSources = 0 }, data)); // a user without history, where that is wanted
    }

    [Fact]
    public void Few_labels_are_the_first_users_of_the_file()
    {
        var data = Data([.. Enumerable.Range(0, 20).Select(i => new User(10 * i, ["a", "b", "c", "d"], [i % 4], 4))]);
        Assert.Equal([0, 10], new NextItems(4) { Labels = 0.1 }.Of(Split.Train, data).Select(question => question.User.Number));
        Assert.Equal(20, new NextItems(4).Of(Split.Train, data).Count);
    }

    [Fact]
    public void A_profile_is_the_commonest_attribute_of_what_a_user_met_and_the_commoner_of_two()
    {
        // 7 is on every item; 1 stands on two, 2 and 3 on one each.
        var data = Data(new(1, ["a", "b", "c", "d"], [1, 1, 0], 4), new(2, ["a", "b", "c", "d"], [1, 0], 4), new(3, ["a", "b", "c", "d"], [3, 3], 4), new(4, ["a", "b", "c", "d"], [2], 4));
        Assert.Equal([(1, 1), (2, 0), (4, 0)], Asked(new Profile(Answers: 3), data));
    }

    [Fact]
    public void Another_number_of_answers_and_a_split_without_users_are_told()
    {
        var data = Data(new User(1, ["a", "b", "c", "d"], [0], 4));
        Assert.Contains("write answers: 4", Assert.Throws<InputException>(() => new NextItems(5).Of(Split.Train, data)).Message, StringComparison.Ordinal);
        Assert.Contains("write answers: 3", Assert.Throws<InputException>(() => new Profile(Answers: 8).Of(Split.Train, data)).Message, StringComparison.Ordinal);
        Assert.Contains("no user of the test split", Assert.Throws<InputException>(() => new NextItems(4).Of(Split.Test, data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Full_ranks_are_those_that_sorting_gives_and_sampled_ones_are_never_worse()
    {
        var random = new Random(4);
        var told = Enumerable.Range(0, 200).Select(_ => (Scores: Enumerable.Range(0, 50).Select(_ => random.NextSingle()).ToArray(), Answer: random.Next(50))).ToList();
        var scores = new NextItems(50, Others: 9).Score(told).ToDictionary(score => score.Measure, score => score.Value);
        var ranks = told.Select(one => one.Scores.OrderDescending().ToList().IndexOf(one.Scores[one.Answer])).ToList();
        Assert.Equal(ranks.Average(rank => rank < 5 ? 1.0 / (rank + 1) : 0), scores["full-mrr"], 1e-12);
        Assert.Equal(ranks.Average(rank => rank < 5 ? 1.0 : 0), scores["full-hit-rate"], 1e-12);
        Assert.True(scores["mrr"] >= scores["full-mrr"] && scores["hit-rate"] >= scores["full-hit-rate"]);
    }

    [Fact]
    public void Random_scores_reach_what_chance_can_expect()
    {
        var (random, task) = (new Random(8), new NextItems(300));
        var scores = task.Score(Enumerable.Range(0, 10_000).Select(_ => (Enumerable.Range(0, 300).Select(_ => random.NextSingle()).ToArray(), random.Next(300))));
        var chance = task.Chance();
        Assert.Equal(0.05, chance[1].Value, 1e-12);
        Assert.Equal(0.022833, chance[0].Value, 1e-6);
        foreach (var (score, expected) in scores.Zip(chance)) // a share of so many lists; a mean of numbers in [0, 1] varies less
            Assert.InRange(score.Value - expected.Value, -4 * Math.Sqrt(expected.Value / 10_000), 4 * Math.Sqrt(expected.Value / 10_000));
    }

    [Fact]
    public void The_right_answer_is_never_among_the_others()
    {
        var random = RandomStream.For(1, "test");
        for (var answer = 0; answer < 5; answer++)
            Assert.Equal(Enumerable.Range(0, 5).Except([answer]), Enumerable.Range(0, 500).Select(_ => NextItems.Other(answer, 5, random)).Distinct().Order());
    }

    [Fact]
    public void Popularity_ranks_by_what_was_right_in_training()
    {
        var user = new User(1, ["a"], [], 1);
        ItemQuestion[] Questions(params int[] answers) => [.. answers.Select(answer => new ItemQuestion(user, answer))];
        var scores = new NextItems(4, Others: 50).Popularity(Questions(2, 2, 2, 1, 1, 0), Questions(2, 1, 0, 3)).ToDictionary(score => score.Measure, score => score.Value);
        Assert.Equal((1 + (1 / 2.0) + (1 / 3.0) + (1 / 4.0)) / 4, scores["full-mrr"], 1e-12);
        Assert.Equal(2 / 3.0, new Profile(Answers: 4).Popularity(Questions(2, 2, 1), Questions(2, 2, 0))[0].Value, 1e-12);
    }

    private static IEnumerable<(int, int)> Asked(ItemTask task, Behaviours data) => task.Of(Split.Train, data).Select(question => ((int)question.User.Number, question.Answer));

    private static Behaviours Data(params User[] users) => new(["a", "b", "c", "d"], Targets, users);
}
