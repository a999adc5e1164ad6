using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.Items;

/// <summary>
/// Which item of the target domain a user meets: one question for each. It is ranked among items drawn evenly from the others, which stay the same for every model, and among all;
/// items of the same score stand before it.
/// </summary>
[Kind("next-items"), Description("Which items of the target domain a user meets.")]
public sealed record NextItems(
    [Description("How many items the target domain has."), Range(2, 1 << 24)] int Answers,
    [Description("What reports call it.")] string Name = "next-items",
    [property: Description("Items that a right one is ranked among, drawn with replacement from all others."), Range(1, 1 << 20)] int Others = 99) : ItemTask(Name, Answers)
{
    protected override Func<User, IEnumerable<int>> AnswersIn(Behaviours data)
    {
        Check(data.Targets.Count);
        return user => user.Targets;
    }

    public override IReadOnlyList<(string Measure, double Value)> Score(IEnumerable<(float[] Scores, int Answer)> told)
    {
        var ranks = told.Select((one, i) => (Sampled: Ranking.RankOf(Drawn(i, one.Answer, one.Scores), 0), Full: Ranking.RankOf(one.Scores, one.Answer))).ToList();
        return Measures(Ranking.Of(ranks.Select(rank => rank.Sampled)), Ranking.Of(ranks.Select(rank => rank.Full)));
    }

    public override IReadOnlyList<(string Measure, double Value)> Chance() => Measures(Ranking.Of(Enumerable.Range(0, Others + 1)), Ranking.Of(Enumerable.Range(0, Answers)));

    /// <summary>The scores of the right answer and of those drawn for this question.</summary>
    private float[] Drawn(int question, int answer, float[] scores)
    {
        var random = RandomStream.For(0, "others", question);
        return [scores[answer], .. Enumerable.Range(0, Others).Select(_ => scores[Other(answer, Answers, random)])];
    }

    /// <summary>Any answer but this one, every one equally likely.</summary>
    internal static int Other(int answer, int answers, RandomStream random) => random.Below(answers - 1) is var other && other < answer ? other : other + 1;

    private static IReadOnlyList<(string, double)> Measures(Ranking sampled, Ranking full) =>
    [
        ("mrr", sampled.ReciprocalRank), ("hit-rate", sampled.HitRate), ("ndcg", sampled.Gain),
        ("full-mrr", full.ReciprocalRank), ("full-hit-rate", full.HitRate), ("full-ndcg", full.Gain),
    ];
}

/// <summary>
/// A stand-in for a profile, since no open data tell one: which of the commonest attributes of targets is the commonest among a user's; the commoner one of two that are level. The attribute of the
/// target domain and those of more than half of its items are none of them. Users whose targets have none of them are not asked about.
/// </summary>
[Kind("profile"), Description("Which attribute is the commonest among the items of the target domain that a user meets.")]
public sealed record Profile(
    [Description("What reports call it.")] string Name = "profile",
    [Description("How many of the commonest attributes are answers."), Range(2, 1 << 16)] int Answers = 8) : ItemTask(Name, Answers)
{
    protected override Func<User, IEnumerable<int>> AnswersIn(Behaviours data)
    {
        var classes = data.Targets.SelectMany(target => target.Attributes.Distinct()).CountBy(attribute => attribute).Where(count => count.Value <= 0.5 * data.Targets.Count)
            .OrderByDescending(count => count.Value).Take(Answers).Select(count => count.Key).ToList();
        Check(classes.Count);
        return user =>
        {
            int[] counts = [.. classes.Select(attribute => user.Targets.Count(target => data.Targets[target].Attributes.Contains(attribute)))];
            return counts.Max() == 0 ? [] : [Array.IndexOf(counts, counts.Max())];
        };
    }

    public override IReadOnlyList<(string Measure, double Value)> Score(IEnumerable<(float[] Scores, int Answer)> told) => [("accuracy", told.Average(one => Ranking.RankOf(one.Scores, one.Answer) == 0 ? 1.0 : 0))];

    public override IReadOnlyList<(string Measure, double Value)> Chance() => [("accuracy", 1.0 / Answers)];
}
