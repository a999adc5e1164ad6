using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>The label words of a task as token ids, end token included, in class order.</summary>
public static class LabelTokens
{
    /// <summary>Empty for free text.</summary>
    public static IReadOnlyList<int[]> Of(TextTask task, Tokenizer tokenizer) =>
        [.. (task.Answer.Words ?? []).Select(word => (int[])[.. tokenizer.Encode(word), Tokenizer.End])];

    /// <summary>An <see cref="InputException"/> names every word that this vocabulary cannot tell from another or cannot write, and every one that is too long.</summary>
    public static void Check(TextTask task, Tokenizer tokenizer)
    {
        var words = (task.Answer.Words ?? []).Select(word => (Text: word, Ids: tokenizer.Encode(word))).ToList();
        var alike = words.Where(word => word.Ids.Length > 0).GroupBy(word => string.Join(' ', word.Ids)).Where(group => group.Count() > 1);
        var problems = words.Select(word => Wrong(word.Text, word.Ids, task, tokenizer)).OfType<string>()
            .Concat(alike.Select(group => $"the labels {string.Join(" and ", group.Select(word => $"'{word.Text}'"))} have the same tokens"))
            .Select(what => new Problem(task.Name, what, "map them to other words in 'labels', or use a larger vocabulary"))
            .ToList();
        if (problems.Count > 0)
        {
            throw new InputException(problems);
        }
    }

    private static string? Wrong(string word, int[] ids, TextTask task, Tokenizer tokenizer) =>
        ids.Length == 0 ? $"the label '{word}' has no tokens in this vocabulary"
        : ids.Length >= task.TargetLength ? $"the label '{word}' has {ids.Length} tokens and an end, more than a target-length of {task.TargetLength}"
        : task.Answer.Decision == Decision.Greedy && tokenizer.Decode(ids) is var written && written != word ? $"the label '{word}' cannot be written in this vocabulary: it comes out as '{written}'"
        : null;
}
