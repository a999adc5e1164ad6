using System.Text.Json.Nodes;
using Allometry.Tasks.Items;
using Allometry.Tests.Golden;

namespace Allometry.Tests.Tasks.Items;

public class RankingTests
{
    [Theory, InlineData("strict", false), InlineData("pessimistic", true)]
    public void Ranks_and_their_means_are_the_worked_ones(string ties, bool pessimistic)
    {
        var golden = Goldens.Json("peterrec-block.json")["metrics"]!;
        var places = golden["K"]!.GetValue<int>();
        var ranks = new List<int>();
        foreach (var list in golden["cases"]!.AsArray())
        {
            var scores = list!["scores"]!.AsArray().Select(score => score!.GetValue<float>()).ToArray();
            ranks.Add(Ranking.RankOf(scores, list["label"]!.GetValue<int>(), pessimistic));
            Assert.Equal(list[ties]!["rank0"]!.GetValue<int>(), ranks[^1]);
            Close(list[ties]!, Ranking.Of([ranks[^1]], places));
        }
        Close(golden[$"mean_{ties}"]!, Ranking.Of(ranks, places));
    }

    [Fact]
    public void Chance_among_a_hundred_hits_the_first_five_in_a_twentieth()
    {
        var random = new Random(5);
        var ranks = Enumerable.Range(0, 20_000).Select(_ => Ranking.RankOf([.. Enumerable.Range(0, 100).Select(_ => random.NextSingle())], 99)).ToList();
        var chance = Ranking.Of(ranks);
        Assert.InRange(chance.HitRate, 0.05 - (3 * 0.00154), 0.05 + (3 * 0.00154)); // standard error of a share of 1/20 over 20,000 lists
        Assert.InRange(chance.ReciprocalRank, 0.022833 - (3 * 0.00083), 0.022833 + (3 * 0.00083));
    }

    [Fact]
    public void A_score_that_is_no_number_ranks_last() => Assert.Equal(2, Ranking.RankOf([1, 2, float.NaN], 2));

    private static void Close(JsonNode expected, Ranking actual)
    {
        Assert.Equal(expected["mrr"]!.GetValue<double>(), actual.ReciprocalRank, 1e-9);
        Assert.Equal(expected["hr"]!.GetValue<double>(), actual.HitRate, 1e-9);
        Assert.Equal(expected["ndcg"]!.GetValue<double>(), actual.Gain, 1e-9);
    }
}
