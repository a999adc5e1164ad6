using Allometry.Models;

namespace Allometry.Generation;

/// <summary>
/// Beam search as Hugging Face's `generate` does it. Of all ways to add a token to one of the beginnings, the 2 x width likeliest are looked at in order: an ended one among the first
/// width is a whole answer, the first width that have not ended are the next beginnings. The best width whole answers are kept.
/// </summary>
internal sealed class BeamSearch(BeamDecoding choice, Limits limits) : Search
{
    private readonly List<Written> answers = []; // best first
    private List<Beginning> beginnings = [new([], 0)];

    public override int Rows => beginnings.Count;

    public override Written Best => answers.Count > 0 ? answers[0] : new Written([]);

    public override Written SoFar => IsOpen ? new Written([]) : Best;

    public override IReadOnlyList<Move> Advance(Scores scores, int first)
    {
        var candidates = Candidates(scores, first);
        var length = beginnings[0].Tokens.Count + 1;
        var atLimit = length >= limits.Longest;
        foreach (var candidate in candidates.Take(choice.Width).Where(candidate => atLimit || candidate.Token == LanguageModel.End))
            Keep([.. beginnings[candidate.Parent].Tokens, candidate.Token], candidate.Score);
        var going = candidates.Where(candidate => candidate.Token != LanguageModel.End).Take(choice.Width).ToList();
        if (going.Count == 0 && answers.Count == 0) // nothing may be written any more
            beginnings.ForEach(beginning => Keep(beginning.Tokens, beginning.Score));
        if (atLimit || going.Count == 0 || IsSettled(going[0].Score, length)) going = [];
        beginnings = [.. going.Select(candidate => new Beginning([.. beginnings[candidate.Parent].Tokens, candidate.Token], candidate.Score))];
        return [.. going.Select(candidate => new Move(candidate.Parent, candidate.Token))];
    }

    /// <summary>The likeliest ways to go on, the best first, among equals the earlier row and token.</summary>
    private List<Candidate> Candidates(Scores scores, int first)
    {
        var highest = new Highest<Candidate>(2 * choice.Width);
        for (var row = 0; row < beginnings.Count; row++)
        {
            var (tokens, sum) = beginnings[row];
            var logs = scores.Of(first + row);
            limits.Apply(logs, tokens);
            for (var token = 0; token < logs.Length; token++)
                if (sum + logs[token] is var score && score > highest.Floor) highest.Offer(score, new Candidate(row, token, score));
        }
        return [.. highest.Ordered];
    }

    private void Keep(IReadOnlyList<long> tokens, double sum)
    {
        var answer = new Written(tokens, sum / Math.Pow(Math.Max(1, tokens.Count), choice.LengthPenalty));
        var place = answers.FindIndex(other => other.Score < answer.Score);
        answers.Insert(place < 0 ? answers.Count : place, answer);
        if (answers.Count > choice.Width) answers.RemoveAt(choice.Width);
    }

    private bool IsSettled(double bestSum, int length) =>
        answers.Count == choice.Width && (choice.EarlyStopping || bestSum / Math.Pow(length, choice.LengthPenalty) <= answers[^1].Score);

    private readonly record struct Beginning(IReadOnlyList<long> Tokens, double Score);

    private readonly record struct Candidate(int Parent, int Token, double Score);
}
