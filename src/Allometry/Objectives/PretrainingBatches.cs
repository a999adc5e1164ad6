using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using Allometry.Text;

namespace Allometry.Objectives;

/// <summary>
/// Pre-training examples: step s takes segments s x batch onwards, each corrupted by a stream of its own, so that a text met again in a later epoch is hidden otherwise.
/// Of a mixture every example's part is drawn independently by its share, and every part goes through segments of its own length.
/// </summary>
public sealed class PretrainingBatches : BatchSource
{
    private readonly IReadOnlyList<(Objective Objective, Segments Segments)> parts;
    private readonly Draws? draws;
    private readonly Tokenizer tokenizer;
    private readonly int batch;
    private readonly long seed;

    public PretrainingBatches(Segments segments, Objective objective, Tokenizer tokenizer, int batch, long seed) : this([(objective, segments)], null, tokenizer, batch, seed) { }

    private PretrainingBatches(IReadOnlyList<(Objective, Segments)> parts, Draws? draws, Tokenizer tokenizer, int batch, long seed) =>
        (this.parts, this.draws, this.tokenizer, this.batch, this.seed) = (parts, draws, tokenizer, batch, seed);

    /// <summary>The examples that an objective makes of a text for inputs of at most that length; a text too short for one of its parts is an InputException.</summary>
    public static PretrainingBatches Of(PretrainingText text, Objective objective, int batch, long seed)
    {
        var parts = objective.Parts.Select(part => (part.Objective, new Segments(text.Tokens, part.Objective.Lengths(text.InputLength).Raw, seed))).ToList();
        return new(parts, parts.Count == 1 ? null : new Draws([.. objective.Parts.Select(part => part.Share)], seed), text.Tokenizer, batch, seed);
    }

    /// <summary>Segments of all parts in an epoch of each.</summary>
    public long Count => parts.Min(part => part.Segments.Count);

    public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, batch).Select(i => Make((step * batch) + i))];

    private Example Make(long index)
    {
        var (part, nth) = draws?.At(index) ?? (0, index);
        var tokens = new int[parts[part].Segments.Length];
        parts[part].Segments.Read(nth, tokens);
        return parts[part].Objective.Make(tokens, tokenizer, RandomStream.For(seed, "objective", index));
    }
}
