using Allometry.Models;

namespace Allometry.Generation;

/// <summary>
/// What a decoding forbids or makes less likely, whatever chooses among the rest. As in Hugging Face, what counts as written begins with the start token, and the limits come in this order:
/// repetition, n-grams, length.
/// </summary>
internal sealed class Limits(Decoding choice)
{
    /// <summary>Longest answer, end token included.</summary>
    public int Longest { get; } = choice.MaxNewTokens ?? Decoding.UsualLength;

    /// <summary>Changes the scores of the token to be written after these.</summary>
    public void Apply(Span<float> scores, IReadOnlyList<long> written)
    {
        if (choice.RepetitionPenalty != 1) Penalise(scores, written);
        if (choice.NoRepeatNgram > 0) Forbid(scores, [LanguageModel.Start, .. written]);
        if (written.Count < choice.MinNewTokens) scores[(int)LanguageModel.End] = float.NegativeInfinity;
    }

    private void Penalise(Span<float> scores, IReadOnlyList<long> written)
    {
        foreach (var token in written.Append(LanguageModel.Start).Distinct())
        {
            ref var score = ref scores[(int)token];
            score = (float)(score < 0 ? score * choice.RepetitionPenalty : score / choice.RepetitionPenalty);
        }
    }

    // Forbids every token that would complete a run of tokens that is there already.
    private void Forbid(Span<float> scores, ReadOnlySpan<long> written)
    {
        var before = choice.NoRepeatNgram - 1;
        if (written.Length < before) return;
        var last = written[^before..];
        for (var i = 0; i + before < written.Length; i++)
            if (written.Slice(i, before).SequenceEqual(last)) scores[(int)written[i + before]] = float.NegativeInfinity;
    }
}
