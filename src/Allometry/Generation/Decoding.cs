using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Generation;

/// <summary>How the tokens of an answer are chosen.</summary>
public abstract record Decoding : IChecked
{
    [Description("Longest answer in tokens, end token included; left out: the task's longest target, or what the verb says."), Range(1, 65536)]
    public int? MaxNewTokens { get; init; }

    [Description("So many tokens are written before the end token may be."), Range(0, 65535)]
    public int MinNewTokens { get; init; }

    [Description("Above 1, tokens that are written already become less likely: positive scores are divided by it, negative ones multiplied (Keskar et al. 2019)."), Range(0.01, 100.0)]
    public double RepetitionPenalty { get; init; } = 1;

    [Description("No run of so many tokens is written twice; 0: no limit."), Range(0, 65536)]
    public int NoRepeatNgram { get; init; }

    /// <summary>
    /// What the model writes for each of these inputs, int64 [row, input] (null mask: those other than 0), at most <paramref name="longest"/> tokens unless this record says otherwise.
    /// An answer depends on its own row alone: not on padding nor on the other rows, two candidates within rounding of each other excepted.
    /// Where chance decides, row i draws by keys[i] (i where left out).
    /// </summary>
    public IReadOnlyList<Written> Write(LanguageModel model, Tensor inputs, Tensor? inputMask, int longest, IReadOnlyList<long>? keys = null)
    {
        using var still = new Still(model);
        using var continuation = model.Begin(inputs, inputMask);
        return Write(continuation, longest, keys);
    }

    /// <summary>The same from a continuation that is just begun; it is used up.</summary>
    public IReadOnlyList<Written> Write(Continuation continuation, int longest, IReadOnlyList<long>? keys = null)
    {
        using var still = no_grad();
        var limits = new Limits(this, MaxNewTokens ?? longest);
        var searches = Enumerable.Range(0, (int)continuation.Logits.size(0)).Select(row => Begin(limits, keys?[row] ?? row)).ToList();
        var open = searches;
        var rows = Enumerable.Range(0, open.Count).ToList();
        while (true)
        {
            using var step = NewDisposeScope();
            using var scores = new Scores(Prepare(continuation.Logits));
            var moves = Advance(open, scores);
            open = [.. open.Where(search => search.IsOpen)];
            if (open.Count == 0)
                return [.. searches.Select(search => search.Best)];
            var device = continuation.Logits.device;
            long[] parents = [.. moves.Select(move => (long)move.Parent)];
            var same = parents.Length == scores.Rows && parents.Index().All(parent => parent.Index == parent.Item);
            continuation.Write(tensor(moves.Select(move => move.Token).ToArray(), device: device), same ? null : tensor(parents, device: device));
        }
    }

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check() => MaxNewTokens <= MinNewTokens
        ? [(nameof(MinNewTokens), $"no answer has more than {MinNewTokens} tokens and at most {MaxNewTokens}", "lower min-new-tokens, or raise max-new-tokens")]
        : [];

    /// <summary>The search for one prompt's answer, of which chance (if any) is decided by <paramref name="key"/>.</summary>
    internal abstract Search Begin(Limits limits, long key);

    /// <summary>Logits [row, vocabulary] -> the scores that searches look at.</summary>
    internal virtual Tensor Prepare(Tensor logits) => logits;

    // The rows of the continuation are those of the open searches, in order.
    private static List<Move> Advance(List<Search> open, Scores scores)
    {
        var moves = new List<Move>();
        var first = 0;
        foreach (var search in open)
        {
            var rows = search.Rows;
            foreach (var move in search.Advance(scores, first))
                moves.Add(move with { Parent = first + move.Parent });
            first += rows;
        }
        return moves;
    }
}
