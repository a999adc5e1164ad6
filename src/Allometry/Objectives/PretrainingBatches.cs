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
    private readonly IReadOnlyList<Part> parts;
    private readonly Draws? draws;
    private readonly Tokenizer tokenizer;
    private readonly int batch;
    private readonly long seed;

    public PretrainingBatches(Segments segments, Objective objective, Tokenizer tokenizer, int batch, long seed) : this([Part.Of(objective, segments)], null, tokenizer, batch, seed) { }

    private PretrainingBatches(IReadOnlyList<Part> parts, Draws? draws, Tokenizer tokenizer, int batch, long seed) =>
        (this.parts, this.draws, this.tokenizer, this.batch, this.seed) = (parts, draws, tokenizer, batch, seed);

    /// <summary>The examples that an objective makes of a text for inputs of at most that length; a text too short for one of its parts is an InputException.</summary>
    public static PretrainingBatches Of(PretrainingText text, Objective objective, int batch, long seed)
    {
        var parts = objective.Parts.Select(part => Part.Of(part.Objective, text, seed)).ToList();
        return new(parts, parts.Count == 1 ? null : new Draws([.. objective.Parts.Select(part => part.Share)], seed), text.Tokenizer, batch, seed);
    }

    /// <summary>Examples of all parts in an epoch of each.</summary>
    public long Count => parts.Min(part => part.Count);

    public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, batch).Select(i => Make((step * batch) + i))];

    private Example Make(long index)
    {
        var (part, nth) = draws?.At(index) ?? (0, index);
        return parts[part].Objective.Make(parts[part].Read(nth), tokenizer, RandomStream.For(seed, "objective", index));
    }

    /// <summary>An objective and the stretches that it makes examples of, by an index that counts on over epochs.</summary>
    private sealed record Part(Objective Objective, long Count, Func<long, int[]> Read)
    {
        public static Part Of(Objective objective, PretrainingText text, long seed) => objective.ReadsCorpus
            ? Of(objective, new Segments(text.Tokens!, objective.Lengths(text.InputLength).Raw, seed))
            : Of(objective, objective.Sequences(text), seed);

        public static Part Of(Objective objective, Segments segments) => new(objective, segments.Count, nth =>
        {
            var tokens = new int[segments.Length];
            segments.Read(nth, tokens);
            return tokens;
        });

        private static Part Of(Objective objective, IReadOnlyList<int[]> sequences, long seed)
        {
            var epochs = new Epochs(sequences.Count, seed, "sequences");
            return new(objective, sequences.Count, nth => sequences[epochs.At(nth)]);
        }
    }
}
