using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Generation;

/// <summary>How the tokens of an answer are chosen.</summary>
public abstract record Decoding : IChecked
{
    /// <summary>How long an answer may be where nothing says so.</summary>
    public const int UsualLength = 64;

    [Description("Longest answer in tokens, end token included; left out: the task's longest target, or 64 where there is no task."), Range(1, 65536)]
    public int? MaxNewTokens { get; init; }

    [Description("So many tokens are written before the end token may be."), Range(0, 65535)]
    public int MinNewTokens { get; init; }

    [Description("Above 1, tokens that are written already become less likely: positive scores are divided by it, negative ones multiplied (Keskar et al. 2019)."), Range(0.01, 100.0)]
    public double RepetitionPenalty { get; init; } = 1;

    [Description("No run of so many tokens is written twice; 0: no limit."), Range(0, 65536)]
    public int NoRepeatNgram { get; init; }

    /// <summary>
    /// What the model writes for each of these inputs, int64 [row, input] (null mask: those other than 0).
    /// An answer depends on its own row alone: not on padding nor on the other rows, two candidates within rounding of each other excepted.
    /// Where chance decides, row i draws by keys[i] (i where left out). Whoever watches is told of each row as it grows and when it is done.
    /// </summary>
    public IReadOnlyList<Written> Write(LanguageModel model, Tensor inputs, Tensor? inputMask, IReadOnlyList<long>? keys = null, Watch? watch = null)
    {
        using var still = new Still(model);
        using var continuation = model.Begin(inputs, inputMask);
        return Write(continuation, keys, watch);
    }

    /// <summary>The same with at most <paramref name="longest"/> tokens each, whatever this record says.</summary>
    public IReadOnlyList<Written> Write(LanguageModel model, Tensor inputs, Tensor? inputMask, int longest) => (this with { MaxNewTokens = longest }).Write(model, inputs, inputMask);

    /// <summary>The same from a continuation that is just begun; it is used up.</summary>
    public IReadOnlyList<Written> Write(Continuation continuation, IReadOnlyList<long>? keys = null, Watch? watch = null)
    {
        using var still = no_grad();
        var limits = new Limits(this);
        Search[] searches = [.. Enumerable.Range(0, (int)continuation.Logits.size(0)).Select(row => Begin(limits, keys?[row] ?? row))];
        int[] open = [.. Enumerable.Range(0, searches.Length)];
        while (true)
        {
            using var step = NewDisposeScope();
            using var scores = new Scores(Prepare(continuation.Logits));
            var moves = Advance(open.Select(row => searches[row]), scores);
            foreach (var row in watch is null ? [] : open)
                watch!(row, searches[row].SoFar, done: !searches[row].IsOpen);
            open = [.. open.Where(row => searches[row].IsOpen)];
            if (open.Length == 0)
                return [.. searches.Select(search => search.Best)];
            Write(continuation, moves, scores.Rows);
        }
    }

    private static void Write(Continuation continuation, List<Move> moves, int rows)
    {
        var device = continuation.Logits.device;
        long[] parents = [.. moves.Select(move => (long)move.Parent)];
        var same = parents.Length == rows && parents.Index().All(parent => parent.Index == parent.Item);
        continuation.Write(tensor(moves.Select(move => move.Token).ToArray(), device: device), same ? null : tensor(parents, device: device));
    }

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check() => MaxNewTokens <= MinNewTokens
        ? [(nameof(MinNewTokens), $"no answer has more than {MinNewTokens} tokens and at most {MaxNewTokens}", "lower min-new-tokens, or raise max-new-tokens")]
        : [];

    /// <summary>The search for one prompt's answer, of which chance (if any) is decided by <paramref name="key"/>.</summary>
    internal abstract Search Begin(Limits limits, long key);

    /// <summary>Logits [row, vocabulary] -> the scores that searches look at.</summary>
    internal virtual Tensor Prepare(Tensor logits) => logits;

    // The rows of the continuation are those of the open searches, in order.
    private static List<Move> Advance(IEnumerable<Search> open, Scores scores)
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

/// <summary>Is told the beginning of a row's answer that is certain so far (beam search: nothing before its end), and whether that is all of it.</summary>
public delegate void Watch(int row, Written soFar, bool done);
