using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tasks.Items;
using Allometry.Text;

namespace Allometry.Papers.PeterRec;

/// <summary>
/// How a network is asked about a user: its last sources and behind them the token at which its state is looked up, which stands before them too where the stack sees both sides. A user without sources is that token alone,
/// an item that is not known the unknown token.
/// </summary>
internal sealed record Asking(Tokenizer Tokenizer, int InputLength, int TaskToken, bool BothSides)
{
    /// <summary>Users that are scored at once.</summary>
    private const int AtOnce = 256;

    /// <summary>The question with its right answer + 1 as the target: 0 is padding.</summary>
    public Example Of(ItemQuestion question)
    {
        var sources = Tokenizer.EncodePlain(string.Join(' ', question.User.Sources.TakeLast(InputLength)));
        return new(BothSides ? [TaskToken, .. sources, TaskToken] : [.. sources, TaskToken], [question.Answer + 1]);
    }

    /// <summary>The scores of all answers for each question, in their order; questions about one user, which stand together, share them.</summary>
    public IEnumerable<(float[] Scores, int Answer)> Told(LanguageModel model, IReadOnlyList<ItemQuestion> questions, CancellationToken stop)
    {
        foreach (var users in Together(questions))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var (row, scores) in Scores(model, [.. users.Select(user => Of(user.First()))]).Index())
                foreach (var question in users[row]) yield return (scores, question.Answer);
        }
    }

    /// <summary>Questions by user, so many users at a time.</summary>
    public static IEnumerable<IGrouping<long, ItemQuestion>[]> Together(IReadOnlyList<ItemQuestion> questions) => questions.GroupBy(question => question.User.Number).Chunk(AtOnce);

    private static float[][] Scores(LanguageModel model, IReadOnlyList<Example> users)
    {
        using var still = new Still(model);
        using var batch = Batch.Of(users);
        using var scores = ItemScores.Of(model, batch.Inputs, batch.InputMask);
        return [.. scores.cpu().data<float>().ToArray().Chunk((int)scores.size(1))];
    }
}
