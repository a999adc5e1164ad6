using Allometry.Models;
using Allometry.Text;
using static TorchSharp.torch;

namespace Allometry.Tests.Generation;

/// <summary>A language given as a table: the logits of the next token after every beginning. What decodings are held to where no model is needed.</summary>
internal sealed class Table : Continuation
{
    private readonly Func<IReadOnlyList<long>, float[]> logits;
    private List<long[]> rows;

    public Table(int rows, Func<IReadOnlyList<long>, float[]> logits)
    {
        (this.logits, this.rows) = (logits, [.. Enumerable.Repeat(Array.Empty<long>(), rows)]);
        Predict(empty([rows, 0], int64));
    }

    /// <summary>Logits between -3 and 3 that look random, a function of the seed and of the beginning.</summary>
    public static Func<IReadOnlyList<long>, float[]> Random(long seed, int vocabulary) => beginning =>
    {
        var chance = RandomStream.For(seed, "table", [.. beginning]);
        return [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(6 * chance.Uniform() - 3))];
    };

    /// <summary>The log-probabilities of the next token.</summary>
    public static double[] LogProbabilities(float[] logits)
    {
        var sum = logits.Sum(logit => Math.Exp(logit));
        return [.. logits.Select(logit => logit - Math.Log(sum))];
    }

    protected override Tensor Next(Tensor tokens)
    {
        if (tokens.size(1) > 0) rows = [.. rows.Zip(tokens.select(1, 0).data<long>(), (row, token) => (long[])[.. row, token])];
        return stack(rows.Select(row => tensor(logits(row))));
    }

    protected override void Choose(Tensor chosen) => rows = [.. chosen.data<long>().Select(row => rows[(int)row])];
}
