using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A model while it writes: rows of tokens that grow by one token at a time.</summary>
public abstract class Continuation : IDisposable
{
    private Tensor? logits;

    /// <summary>The logits of the token to be written next, [row, vocabulary].</summary>
    public Tensor Logits => logits ?? throw new InvalidOperationException("Nothing is begun yet.");

    /// <summary>Writes a token to every row, int64 [row]. First the rows become those of <paramref name="rows"/> (int64: some may be left out, others stand several times).</summary>
    public void Write(Tensor tokens, Tensor? rows = null)
    {
        if (rows is not null)
        {
            using var choosing = NewDisposeScope();
            Choose(rows);
        }
        Predict(tokens.unsqueeze(1));
    }

    public virtual void Dispose() => logits?.Dispose();

    /// <summary>Replaces <see cref="Logits"/> by those after further tokens, int64 [row, length].</summary>
    protected void Predict(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var former = logits;
        logits = Next(tokens).DetachFromDisposeScope();
    }

    /// <summary>Further tokens [row, length] -> the logits after the last of them [row, vocabulary].</summary>
    protected abstract Tensor Next(Tensor tokens);

    /// <summary>Puts row rows[i] of everything that is remembered in the place of row i.</summary>
    protected abstract void Choose(Tensor rows);
}

/// <summary>Computes each token once and keeps what later ones need.</summary>
public sealed class CachedContinuation : Continuation
{
    private readonly Func<Tensor, DecodeCache, Tensor> next;
    private readonly DecodeCache cache;

    /// <param name="first">What is there before the first token is written, int64 [row, length].</param>
    /// <param name="prompt">What <paramref name="next"/> needs to know of the inputs; their first dimension is the row.</param>
    /// <param name="next">Tokens [row, length] and the cache of all before them -> logits after the last of them [row, vocabulary].</param>
    public CachedContinuation(Tensor first, Tensor[] prompt, Func<Tensor, DecodeCache, Tensor> next)
    {
        (this.next, cache) = (next, new DecodeCache(prompt));
        Predict(first);
    }

    public override void Dispose()
    {
        base.Dispose();
        cache.Dispose();
    }

    protected override Tensor Next(Tensor tokens) => next(tokens, cache);

    protected override void Choose(Tensor rows) => cache.Choose(rows);
}

/// <summary>Computes everything anew for each token: what a cache is held to.</summary>
public sealed class RecomputedContinuation : Continuation
{
    private readonly LanguageModel model;
    private Tensor inputs, mask, written; // [row, input] twice, [row, length]

    public RecomputedContinuation(LanguageModel model, Tensor inputs, Tensor? inputMask)
    {
        this.model = model;
        (this.inputs, mask) = (inputs.alias().DetachFromDisposeScope(), (inputMask?.alias() ?? inputs.ne(LanguageModel.Pad)).DetachFromDisposeScope());
        written = empty([inputs.size(0), 0], int64, inputs.device).DetachFromDisposeScope();
        Predict(written);
    }

    public override void Dispose()
    {
        base.Dispose();
        inputs.Dispose();
        mask.Dispose();
        written.Dispose();
    }

    // The last target is not looked at: it only asks for its logits.
    protected override Tensor Next(Tensor tokens)
    {
        Replace(ref written, cat([written, tokens], 1));
        var logits = model.Logits(inputs, mask, cat([written, ones([written.size(0), 1], int64, written.device)], 1));
        return logits.select(1, logits.size(1) - 1);
    }

    protected override void Choose(Tensor rows)
    {
        Replace(ref inputs, inputs.index_select(0, rows));
        Replace(ref mask, mask.index_select(0, rows));
        Replace(ref written, written.index_select(0, rows));
    }

    private static void Replace(ref Tensor kept, Tensor by)
    {
        kept.Dispose();
        kept = by.DetachFromDisposeScope();
    }
}
