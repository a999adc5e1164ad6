using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.Items;

/// <summary>What is asked about users of the target domain: one of a number of answers, known by its number.</summary>
public abstract record ItemTask(string Name, int Answers)
{
    [Description("Share of the training users that are learnt from: the first ones of the file."), Range(0.0, 1.0)]
    public double Labels { get; init; } = 1;

    [Description("Whether of a user's sources only those before its first target are known.")]
    public bool Strict { get; init; }

    [Description("A user with fewer sources has too little history to be asked about."), Range(0, 1 << 16)]
    public int LeastSources { get; init; } = 4;

    [Description("A user with more targets is none that just came to the target domain."), Range(1, 1 << 16)]
    public int MostTargets { get; init; } = 5;

    /// <summary>What is learnt from or asked in a split, in the order of the file. Users without targets, or with too little history, are not asked about. What the data lack is an <see cref="InputException"/>.</summary>
    public IReadOnlyList<ItemQuestion> Of(Split split, Behaviours data)
    {
        var answersOf = AnswersIn(data);
        var users = data.Users.Select(user => Strict ? user with { Sources = [.. user.Sources.Take(user.Before)] } : user)
            .Where(user => user.Split == split && user.Sources.Count >= LeastSources && user.Targets.Count > 0 && user.Targets.Count <= MostTargets).ToList();
        var asked = users.Take(split == Split.Train ? (int)Math.Ceiling(Labels * users.Count) : users.Count).SelectMany(user => answersOf(user).Select(answer => new ItemQuestion(user, answer))).ToList();
        return asked.Count > 0 ? asked : throw new InputException($"task {Name}", $"no user of the {split.ToString().ToLowerInvariant()} split can be asked about", "give more users, or let those with less history count (least-sources)");
    }

    /// <summary>The right answers to questions about a user, by the whole data.</summary>
    protected abstract Func<User, IEnumerable<int>> AnswersIn(Behaviours data);

    /// <summary>How well answers are told: means over questions of each measure, from the scores of all answers [answer] and the right one.</summary>
    public abstract IReadOnlyList<(string Measure, double Value)> Score(IEnumerable<(float[] Scores, int Answer)> told);

    /// <summary>What guessing at random can expect of each measure.</summary>
    public abstract IReadOnlyList<(string Measure, double Value)> Chance();

    /// <summary>What the same scores for everybody reach: how often each answer is right in training; of two as often, chance decides.</summary>
    public IReadOnlyList<(string Measure, double Value)> Popularity(IReadOnlyList<ItemQuestion> learnt, IReadOnlyList<ItemQuestion> asked)
    {
        var random = RandomStream.For(0, "equally popular");
        float[] scores = [.. Enumerable.Range(0, Answers).Select(_ => (float)random.Uniform())];
        foreach (var question in learnt) scores[question.Answer]++;
        return Score(asked.Select(question => (scores, question.Answer)));
    }

    /// <summary>An <see cref="InputException"/> where the data have another number of answers.</summary>
    protected void Check(int found)
    {
        if (found != Answers) throw new InputException($"task {Name}", $"its data have {found} answers, not {Answers}", $"write answers: {found}");
    }
}

/// <summary>A user and a right answer.</summary>
public sealed record ItemQuestion(User User, int Answer);
